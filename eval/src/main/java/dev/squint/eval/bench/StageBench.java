package dev.squint.eval.bench;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.llm.model.ModelPackage;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Measures the cost of running a decoder in stages and of reading its attention between them. */
final class StageBench {

  private static final int TAPPED = 1;

  /** The number of the decoder whose attention is read. */
  private static final int READ = 5;

  private StageBench() {}

  /** Compares one session with four, with one per layer, and with one whose attention is read. */
  static Section measure(ModelPackage model, int tokens, int rounds, SessionSettings settings) {
    int layers = Decoders.layers(model);
    CutPlan tapped = CutPlan.after(TAPPED).tapping(Tap.queries(TAPPED));
    List<StagedDecoder> opened = new ArrayList<>();
    try {
      opened.add(Decoders.whole(model, settings));
      opened.add(Decoders.cut(model, Decoders.even(layers, 2), settings));
      opened.add(Decoders.cut(model, Decoders.even(layers, Math.min(4, layers)), settings));
      opened.add(Decoders.cut(model, Decoders.even(layers, layers), settings));
      opened.add(Decoders.cut(model, CutPlan.after(TAPPED), settings));
      opened.add(Decoders.cut(model, tapped, settings));
      if (Decoders.isRewritten(model, settings)) {
        opened.add(Decoders.asItIs(model, settings));
      }
      PromptEmbeddings prompt = Decoders.prompt(tokens, opened.get(0).hiddenSize());
      AttentionReader attending = new AttentionReader();
      List<Supplier<double[]>> runs = new ArrayList<>();
      for (int i = 0; i < opened.size(); i++) {
        StagedDecoder decoder = opened.get(i);
        StageHook interlude = i == READ ? attending : StageInput::everything;
        runs.add(() -> Decoders.run(decoder, prompt, interlude));
      }
      Rounds measured = Rounds.interleaved(rounds, runs);
      Section section =
          new Section(
              "stages",
              "A prompt of %d random embeddings without pruning, then 8 tokens; %d rounds; wall-clock and processor milliseconds."
                  .formatted(tokens, rounds));
      List<String> names =
          List.of(
              "1 session",
              "2 stages",
              "4 stages",
              layers + " stages, one per layer",
              "2 stages, cut after layer 2",
              "2 stages, cut after layer 2, attention of 32 queries read",
              "1 session, attention as the package has it");
      for (int i = 0; i < opened.size(); i++) {
        section.row(
            "decoder", names.get(i),
            "prefill", measured.median(i, 0),
            "ratio", measured.ratio(i, 0, 0),
            "prefill, processors", measured.median(i, 2),
            "ratio of processors", measured.ratio(i, 0, 2),
            "decode, a token", measured.median(i, 1),
            "ratio of decode", measured.ratio(i, 0, 1),
            "decode, processors", measured.median(i, 3),
            "ratio of decode, processors", measured.ratio(i, 0, 3));
      }
      addGoals(section, measured, attending.median());
      return section;
    } finally {
      opened.forEach(StagedDecoder::close);
    }
  }

  private static void addGoals(Section section, Rounds measured, double attentionMillis) {
    section.goal("4 stages, prefill, processors", 1.03, measured.ratio(2, 0, 2));
    section.goal("4 stages, decode, processors", 1.03, measured.ratio(2, 0, 3));
    section.goal("one session per layer, prefill, processors", 1.12, measured.ratio(3, 0, 2));
    section.goal("one session per layer, decode, processors", 1.12, measured.ratio(3, 0, 3));
    section.goal(
        "tapped by untapped, cut after layer 2, prefill, processors",
        1.02,
        measured.ratio(READ, READ - 1, 2));
    section.goal(
        "arithmetic on the tapped attention by prefill, processors",
        0.02,
        attentionMillis / measured.median(READ, 2));
  }

  /** Computes the attention of the last tokens, as pruning methods do; drops nothing. */
  private static final class AttentionReader implements StageHook {

    private static final int QUERIES = 32;

    /** Rounds during which the JIT compiler makes this about twenty times slower than later. */
    private static final int WARM_UP = 50;

    private final List<Double> millis = new ArrayList<>();

    @Override
    public int[] queries(int layers, int tokens) {
      int rows = Math.min(QUERIES, tokens);
      return layers == TAPPED + 1 ? IntStream.range(tokens - rows, tokens).toArray() : new int[0];
    }

    @Override
    public StageInput between(StageEnd end) {
      for (int i = 0; i < WARM_UP && millis.isEmpty(); i++) {
        end.attention(TAPPED);
      }
      Clock start = Clock.now();
      end.attention(TAPPED);
      millis.add(start.since().processorMillis());
      return StageInput.everything(end);
    }

    double median() {
      return Rounds.median(millis.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }
}
