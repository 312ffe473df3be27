package dev.squint.eval.bench;

import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.StagedDecoders;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Opens the decoder of a model, as one session or in stages, and measures it. */
final class Decoders {

  private static final int TOKENS = 8;

  private Decoders() {}

  /** Opens the decoder as one session. */
  static StagedDecoder whole(ModelPackage model, SessionSettings settings) {
    return cut(model, CutPlan.after(), settings);
  }

  /** Opens the decoder in stages. */
  static StagedDecoder cut(ModelPackage model, CutPlan plan, SessionSettings settings) {
    return StagedDecoders.open(
        embeddings(model, settings), model.graph(Session.DECODER), plan, settings, Sharing.none());
  }

  /** Whether the decoder runs in another form than the package has it, one that copies no cache. */
  static boolean isRewritten(ModelPackage model, SessionSettings settings) {
    Path graph = model.graph(Session.DECODER);
    return settings.device().equals(Device.CPU)
        && !CacheInPlace.isPossible(graph)
        && StagedDecoders.whyItCopies(graph).isEmpty();
  }

  /** Opens the decoder as the package has it, as one session. */
  static StagedDecoder asItIs(ModelPackage model, SessionSettings settings) {
    return StagedDecoder.open(embeddings(model, settings), model.graph(Session.DECODER), settings);
  }

  private static TextEmbeddings embeddings(ModelPackage model, SessionSettings settings) {
    return new TextEmbeddings(OnnxSession.open(model.graph(Session.EMBED_TOKENS), settings));
  }

  /** Returns the number of layers. */
  static int layers(ModelPackage model) {
    return GraphRewriter.layers(model.graph(Session.DECODER), GraphKind.DECODER).size();
  }

  /** Returns the cut points that give this number of stages of about equal size. */
  static CutPlan even(int layers, int stages) {
    TreeSet<Integer> after = new TreeSet<>();
    IntStream.range(1, stages).forEach(i -> after.add(i * layers / stages - 1));
    after.remove(-1);
    return new CutPlan(List.copyOf(after), java.util.Set.of());
  }

  /** Returns a prompt of random embeddings, [S, D]. */
  static PromptEmbeddings prompt(int tokens, int size) {
    FloatBuffer values = DirectBuffers.floats((long) tokens * size);
    Random random = new Random(tokens);
    while (values.hasRemaining()) {
      values.put((float) random.nextGaussian());
    }
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, tokens), tokens);
  }

  /**
   * Returns four figures: wall-clock milliseconds of a prefill, the median of a decode step, and
   * both in processor milliseconds.
   */
  static double[] run(StagedDecoder decoder, PromptEmbeddings prompt, StageHook interlude) {
    Clock start = Clock.now();
    try (DecodingSession session = decoder.prefill(PrefillRequest.of(prompt).withHook(interlude))) {
      final Clock prefill = start.since();
      List<Clock> steps = new ArrayList<>();
      for (int i = 0; i < TOKENS; i++) {
        Clock step = Clock.now();
        session.append(i);
        steps.add(step.since());
      }
      return new double[] {
        prefill.millis(),
        Rounds.median(steps.stream().mapToDouble(Clock::millis).toArray()),
        prefill.processorMillis(),
        steps.stream().mapToDouble(Clock::processorMillis).sum() / TOKENS
      };
    }
  }
}
