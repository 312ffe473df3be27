package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.LayerInput;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Routing;
import dev.squint.vision.onnx.graph.Tap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Mixture of depths in one answer: every layer runs on the tokens that a router wants, and its
 * cache holds these alone. The decoder is cut after every layer. Not thread-safe.
 */
final class RoutedPass {

  // What is tapped needs no rows, but a run that shows nothing gives no taps.
  private static final int[] TAPS = {-1};
  private static final int[] NONE = {};

  private final LayerRouter router;
  private final List<DecoderStage> stages;
  private final List<StageCache> caches;
  private final long[] first;
  private long next;
  private int generated;
  private double operations;

  /**
   * Prepares for one answer.
   *
   * @param stages one a layer
   * @param caches of the stages
   */
  RoutedPass(LayerRouter router, List<DecoderStage> stages, List<StageCache> caches) {
    this.router = router;
    this.stages = stages;
    this.caches = caches;
    this.first = new long[stages.size()];
  }

  /**
   * Runs a prompt.
   *
   * @param visual which of its tokens are visual ones, ascending
   * @param runs takes what ran
   * @return logits after the last token, [V]
   */
  float[] prefill(PromptEmbeddings prompt, int[] visual, List<StageRun> runs) {
    next = prompt.nextPosition();
    Arrays.fill(first, prompt.positions().axis(0)[0]);
    Matrix hidden = prompt.rows(0, prompt.tokens());
    for (int i = 0; i < stages.size(); i++) {
      LayerInput input = new LayerInput(i, hidden, visual, -1);
      Routing routing = router.route(input);
      operations += router.operations(input, routing);
      operations += isPlain(routing) ? 0 : routing.operations(hidden.cols());
      int count = routing.processed().length;
      if (count > 0) {
        PositionIds positions =
            routing.continuation() == Continuation.KEEP_POSITIONS
                ? prompt.positions().of(routing.processed())
                : PositionIds.counting(first[i], count);
        hidden = run(i, hidden, routing, positions, prompt.extras().of(routing.processed()));
        runs.add(new StageRun(i, i + 1, count));
      }
    }
    return hidden.row(hidden.rows() - 1);
  }

  /** Operations of routing the prompt, {@link dev.squint.pruner.Operations}. */
  double operations() {
    return operations;
  }

  /**
   * Runs one token more.
   *
   * @param embedding of the token, [1, D]
   * @return logits after it, [V]
   */
  float[] append(Matrix embedding) {
    Matrix hidden = embedding;
    for (int i = 0; i < stages.size(); i++) {
      Routing routing = router.route(new LayerInput(i, hidden, NONE, generated));
      if (routing.processed().length > 0) {
        long position =
            routing.continuation() == Continuation.KEEP_POSITIONS
                ? next
                : first[i] + caches.get(i).length();
        PositionIds places = PositionIds.counting(position, 1);
        hidden = run(i, hidden, routing, places, TokenExtras.text(1));
      }
    }
    next++;
    generated++;
    return hidden.row(0);
  }

  /** A layer's output for all tokens, [S, D]; of the last layer the logits, [1, V]. */
  private Matrix run(
      int layer, Matrix hidden, Routing routing, PositionIds positions, TokenExtras extras) {
    DecoderStage stage = stages.get(layer);
    int[] processed = routing.processed();
    boolean plain = isPlain(routing);
    try (OnnxTensor input = stage.hidden(embeddings(hidden.rows(processed), positions))) {
      OrtSession.Result result =
          stage.run(input, positions, extras, plain ? NONE : TAPS, caches.get(layer));
      OnnxTensor output = (OnnxTensor) result.get(stage.signature().output()).orElseThrow();
      if (layer + 1 == stages.size()) {
        return lastLogits(output, routing);
      }
      Matrix after = Tensors.matrix(output, processed.length);
      if (plain) {
        return after;
      }
      String tap = Tap.attended(layer).output();
      Matrix attended =
          Tensors.matrix((OnnxTensor) result.get(tap).orElseThrow(), processed.length);
      return routing.combine(hidden, attended, minus(after, attended));
    }
  }

  private static boolean isPlain(Routing routing) {
    float[] weights = routing.weights();
    if (routing.processed().length < weights.length) {
      return false;
    }
    for (float weight : weights) {
      if (weight != 1) {
        return false;
      }
    }
    return true;
  }

  // The graph of the last layer goes on to the logits, so its last token cannot weigh otherwise.
  private static Matrix lastLogits(OnnxTensor output, Routing routing) {
    int last = routing.weights().length - 1;
    int[] processed = routing.processed();
    if (processed[processed.length - 1] != last || routing.weights()[last] != 1) {
      throw new IllegalArgumentException(
          "the last layer must process the last token with weight 1, not as in " + routing);
    }
    long[] shape = output.getInfo().getShape();
    Matrix rows = Tensors.matrix(output, Math.toIntExact(shape[1]));
    return Matrix.of(rows.row(rows.rows() - 1));
  }

  private static PromptEmbeddings embeddings(Matrix rows, PositionIds positions) {
    FloatBuffer values =
        ByteBuffer.allocateDirect(rows.data().length * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    return new PromptEmbeddings(values.put(rows.data()).rewind(), positions, 0);
  }

  private static Matrix minus(Matrix a, Matrix b) {
    float[] difference = new float[a.data().length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = a.data()[i] - b.data()[i];
    }
    return new Matrix(a.rows(), a.cols(), difference);
  }
}
