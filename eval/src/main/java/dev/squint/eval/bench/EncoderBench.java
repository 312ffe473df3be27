package dev.squint.eval.bench;

import ai.onnxruntime.OnnxTensor;
import dev.squint.eval.cost.EncoderShape;
import dev.squint.eval.cost.ModelCost;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Session;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures the stages of an encoder that runs on some of the patches, and how its layers run on
 * tiles of which different numbers are kept: grouped by length, packed into longer sequences, or
 * padded.
 */
final class EncoderBench {

  private static final int TILES = 16;
  private static final int TILES_A_RUN = 4;
  private static final int SEED = 1;

  private EncoderBench() {}

  /**
   * A batch of equally long sequences.
   *
   * @param sequences number of sequences
   * @param rows patches of each
   */
  record Batch(int sequences, int rows) {}

  /**
   * Measures both.
   *
   * @return one section without rows if the encoder cannot be cut behind its embeddings
   */
  static List<Section> measure(VisionLanguageModel model, SessionSettings settings, int rounds) {
    EncoderShape shape = ModelCost.of(model).map(ModelCost::encoder).orElse(null);
    if (shape == null) {
      return refused("the sizes of its layers are unknown");
    }
    int[] lengths = lengths(shape.patches() / shape.patchesPerToken(), shape.patchesPerToken());
    Path graph = model.model().graph(Session.VISION_ENCODER);
    CutGraph cut;
    try {
      cut =
          new GraphRewriter(GraphCache.ofUser())
              .cut(
                  graph,
                  GraphKind.VISION_ENCODER,
                  CutPlan.after(CutPlan.EMBEDDINGS, shape.layers() - 1));
    } catch (IllegalArgumentException e) {
      return refused(String.valueOf(e.getMessage()));
    }
    try (OnnxSession whole = OnnxSession.open(graph, settings);
        OnnxSession embeddings = OnnxSession.open(cut.file(0), cut.weights(), settings);
        OnnxSession layers = OnnxSession.open(cut.file(1), cut.weights(), settings);
        OnnxSession projector = OnnxSession.open(cut.file(2), cut.weights(), settings)) {
      if (layers.inputs().size() != 1 || whole.inputs().size() != 1) {
        return refused(
            "it takes more than pixels: " + whole.inputs().keySet() + layers.inputs().keySet());
      }
      EncoderStageBench stages =
          new EncoderStageBench(cut, whole, List.of(embeddings, layers, projector), shape.hidden());
      return List.of(stages.measure(rounds), measure(cut, layers, shape.hidden(), lengths, rounds));
    }
  }

  private static Section measure(
      CutGraph cut, OnnxSession layers, int width, int[] lengths, int rounds) {
    int mean = IntStream.of(lengths).sum() / TILES;
    List<String> names = new ArrayList<>();
    List<List<Batch>> ways = new ArrayList<>();
    names.add("grouped by length");
    ways.add(grouped(lengths));
    names.add("one tile a run");
    ways.add(IntStream.of(lengths).mapToObj(rows -> new Batch(1, rows)).toList());
    for (int packed : new int[] {2, TILES_A_RUN, TILES}) {
      names.add("packed, %d tiles a sequence, no mask".formatted(packed));
      ways.add(packed(lengths, packed));
    }
    names.add("padded to the longest of %d".formatted(TILES_A_RUN));
    ways.add(padded(lengths));
    names.add("tiles of equal length");
    ways.add(Collections.nCopies(TILES / TILES_A_RUN, new Batch(TILES_A_RUN, mean)));
    String input = cut.stages().get(1).hiddenInput();
    String output = cut.stages().get(1).output();
    List<Supplier<double[]>> runs = new ArrayList<>();
    ways.forEach(way -> runs.add(() -> timed(layers, input, output, way, width)));
    Rounds measured = Rounds.interleaved(rounds, runs);
    Section section =
        new Section(
            "packing",
            "The layers of the encoder on the hidden states of %d tiles with %d to %d rows each, %d on average; %d rounds; wall-clock and processor milliseconds. Packed sequences have no mask that keeps tiles apart, so their results are wrong and their times are lower bounds. Tiles of equal length show what the lengths cost."
                .formatted(
                    TILES,
                    IntStream.of(lengths).min().orElseThrow(),
                    IntStream.of(lengths).max().orElseThrow(),
                    mean,
                    rounds));
    for (int i = 0; i < names.size(); i++) {
      section.row(
          "way", names.get(i),
          "runs", ways.get(i).size(),
          "milliseconds", measured.median(i, 0),
          "ratio", measured.ratio(i, 0, 0),
          "processors", measured.median(i, 1),
          "ratio of processors", measured.ratio(i, 0, 1));
    }
    return section;
  }

  private static List<Section> refused(String reason) {
    return List.of(new Section("encoder", "Not measured: %s.".formatted(reason)));
  }

  /** Rows of each tile: random, a quarter of the groups on average. */
  static int[] lengths(int groups, int patchesPerGroup) {
    Random random = new Random(SEED);
    int mean = Math.max(1, groups / 4);
    int[] kept = IntStream.range(0, TILES).map(i -> 1 + random.nextInt(2 * mean - 1)).toArray();
    return IntStream.of(kept).map(each -> each * patchesPerGroup).toArray();
  }

  /** Tiles of the same length share runs, as the encoder does it. */
  static List<Batch> grouped(int[] lengths) {
    Map<Integer, Long> alike =
        IntStream.of(lengths)
            .boxed()
            .collect(Collectors.groupingBy(rows -> rows, Collectors.counting()));
    List<Batch> batches = new ArrayList<>();
    alike.forEach(
        (rows, count) -> {
          for (int left = count.intValue(); left > 0; left -= TILES_A_RUN) {
            batches.add(new Batch(Math.min(left, TILES_A_RUN), rows));
          }
        });
    return batches;
  }

  /** Each run has one sequence, with the rows of several tiles. */
  static List<Batch> packed(int[] lengths, int tiles) {
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < lengths.length; from += tiles) {
      batches.add(new Batch(1, IntStream.of(lengths).skip(from).limit(tiles).sum()));
    }
    return batches;
  }

  /** Tiles of similar lengths share runs, and are as long as the longest of them. */
  static List<Batch> padded(int[] lengths) {
    int[] sorted = lengths.clone();
    Arrays.sort(sorted);
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < sorted.length; from += TILES_A_RUN) {
      int to = Math.min(from + TILES_A_RUN, sorted.length);
      batches.add(new Batch(to - from, sorted[to - 1]));
    }
    return batches;
  }

  private static double[] timed(
      OnnxSession layers, String input, String output, List<Batch> batches, int width) {
    double wall = 0;
    double processors = 0;
    for (Batch batch : batches) {
      FloatBuffer states = states(batch, width);
      Clock start = Clock.now();
      try (OnnxTensor given =
          layers.floats(input, states, batch.sequences(), batch.rows(), width)) {
        layers.run(Map.of(input, given), Set.of(output)).close();
      }
      Clock taken = start.since();
      wall += taken.millis();
      processors += taken.processorMillis();
    }
    return new double[] {wall, processors};
  }

  /** Random hidden states. */
  static FloatBuffer states(Batch batch, int width) {
    FloatBuffer values = DirectBuffers.floats((long) batch.sequences() * batch.rows() * width);
    Random random = new Random(SEED);
    while (values.hasRemaining()) {
      values.put((float) random.nextGaussian());
    }
    return values.flip();
  }
}
