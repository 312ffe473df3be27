package dev.squint.eval.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.eval.bench.EncoderBench.Batch;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** Measures each stage of an encoder on one tile, with all rows and with a quarter of them. */
final class EncoderStageBench {

  private static final List<String> NAMES =
      List.of("pixels to embeddings", "layers", "projector", "whole graph");

  private final CutGraph cut;
  private final OnnxSession whole;
  private final List<OnnxSession> stages;
  private final int width;

  /**
   * Measures these sessions, which the caller closes.
   *
   * @param whole the graph that was not cut; takes only pixels of one fixed size
   * @param stages of the cut graph: embeddings, layers, projector
   * @param width values of a row
   */
  EncoderStageBench(CutGraph cut, OnnxSession whole, List<OnnxSession> stages, int width) {
    this.cut = cut;
    this.whole = whole;
    this.stages = List.copyOf(stages);
    this.width = width;
  }

  Section measure(int rounds) {
    int rows = rows();
    List<Supplier<double[]>> runs = new ArrayList<>();
    for (int kept : new int[] {rows, rows / 4}) {
      runs.add(() -> embeddings(kept));
      runs.add(() -> layers(kept));
      runs.add(() -> projector(rows, kept));
    }
    runs.add(this::uncut);
    Rounds measured = Rounds.interleaved(rounds, runs);
    Section section =
        new Section(
            "encoder stages",
            "One tile: each stage with all %d rows and with %d; the embeddings and the projector see the whole tile. %d rounds; wall-clock and processor milliseconds. By the whole graph: the ratio of the stage with a quarter of the rows to the graph that was not cut."
                .formatted(rows, rows / 4, rounds));
    int last = NAMES.size() - 1;
    for (int i = 0; i < last; i++) {
      section.row(
          "stage", NAMES.get(i),
          "all rows", measured.median(i, 0),
          "a quarter", measured.median(i + last, 0),
          "ratio", measured.ratio(i + last, i, 0),
          "by the whole graph", measured.ratio(i + last, 2 * last, 0),
          "all rows, processors", measured.median(i, 1),
          "a quarter, processors", measured.median(i + last, 1),
          "by the whole graph, processors", measured.ratio(i + last, 2 * last, 1));
    }
    section.row(
        "stage", NAMES.get(last),
        "all rows", measured.median(2 * last, 0),
        "all rows, processors", measured.median(2 * last, 1));
    return section;
  }

  /** Number of rows that the layers have for a whole tile. */
  private int rows() {
    OnnxSession session = stages.get(0);
    try (OnnxTensor pixels = session.zeros(pixels());
        OnnxTensor first = session.longs(GraphRewriter.KEPT_ROWS, new long[1], 1, 1);
        OrtSession.Result result =
            session.run(
                Map.of(pixels(), pixels, GraphRewriter.KEPT_ROWS, first),
                Set.of(GraphRewriter.EMBEDDED_SHAPE))) {
      OnnxTensor shape = (OnnxTensor) result.get(GraphRewriter.EMBEDDED_SHAPE).orElseThrow();
      return (int) shape.getLongBuffer().get(1);
    }
  }

  private String pixels() {
    return whole.inputs().keySet().iterator().next();
  }

  private double[] embeddings(int kept) {
    OnnxSession session = stages.get(0);
    try (OnnxTensor pixels = session.zeros(pixels());
        OnnxTensor rows =
            session.longs(GraphRewriter.KEPT_ROWS, LongStream.range(0, kept).toArray(), 1, kept)) {
      return timed(0, Map.of(pixels(), pixels, GraphRewriter.KEPT_ROWS, rows));
    }
  }

  private double[] layers(int kept) {
    OnnxSession session = stages.get(1);
    String input = cut.stages().get(1).hiddenInput();
    try (OnnxTensor states =
        session.floats(input, EncoderBench.states(new Batch(1, kept), width), 1, kept, width)) {
      return timed(1, Map.of(input, states));
    }
  }

  private double[] projector(int rows, int kept) {
    OnnxSession session = stages.get(2);
    String input = cut.stages().get(2).hiddenInput();
    // The number behind the last stands for a row of zeros.
    long[] places = LongStream.range(0, rows).map(row -> Math.min(row, kept)).toArray();
    try (OnnxTensor states =
            session.floats(input, EncoderBench.states(new Batch(1, kept), width), 1, kept, width);
        OnnxTensor from = session.longs(GraphRewriter.ROW_PLACES, places, 1, rows)) {
      return timed(2, Map.of(input, states, GraphRewriter.ROW_PLACES, from));
    }
  }

  private double[] timed(int stage, Map<String, OnnxTensor> inputs) {
    return timed(stages.get(stage), inputs, cut.stages().get(stage).output());
  }

  private double[] uncut() {
    try (OnnxTensor pixels = whole.zeros(pixels())) {
      String output = whole.outputs().keySet().iterator().next();
      return timed(whole, Map.of(pixels(), pixels), output);
    }
  }

  private static double[] timed(
      OnnxSession session, Map<String, OnnxTensor> inputs, String output) {
    Clock start = Clock.now();
    session.run(inputs, Set.of(output)).close();
    Clock taken = start.since();
    return new double[] {taken.millis(), taken.processorMillis()};
  }
}
