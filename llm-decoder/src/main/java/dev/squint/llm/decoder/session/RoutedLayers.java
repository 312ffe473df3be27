package dev.squint.llm.decoder.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.llm.decoder.policy.CachePolicies;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.LayerInput;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Routing;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Mixture of depths for one sequence: every layer runs on the tokens that a router selects, and its
 * cache holds these alone. The decoder is cut after every layer. Not thread-safe.
 */
final class RoutedLayers {

  // Taps of attention need no rows, but a run without queries returns no taps.
  private static final int[] TAPS = {-1};
  private static final int[] NONE = {};

  private final LayerRouter router;
  private final List<DecoderStage> stages;
  private final StageCaches caches;
  private final long firstPosition;

  /**
   * Prepares for one sequence.
   *
   * @param stages one per layer
   * @param caches of the stages; they stay the caller's
   * @param firstPosition of the prompt
   */
  RoutedLayers(
      LayerRouter router, List<DecoderStage> stages, StageCaches caches, long firstPosition) {
    this.router = router;
    this.stages = stages;
    this.caches = caches;
    this.firstPosition = firstPosition;
  }

  /**
   * Runs a prompt.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   */
  Prefilled prefill(PromptEmbeddings prompt, int[] visual) {
    List<StageRun> runs = new ArrayList<>();
    double operations = 0;
    Matrix hidden = prompt.rows(0, prompt.tokens());
    for (int i = 0; i < stages.size(); i++) {
      LayerInput input = new LayerInput(i, hidden, visual, -1);
      Routing routing = router.route(input);
      operations += router.operations(input, routing);
      operations += isPlain(routing) ? 0 : routing.operations(hidden.cols());
      int count = routing.processed().length;
      if (count > 0) {
        hidden = run(i, hidden, routing, tokens(prompt, routing));
        runs.add(new StageRun(i, i + 1, count));
      }
    }
    long[] next = new long[stages.size()];
    Arrays.fill(next, prompt.nextPosition());
    return new Prefilled(
        caches,
        next,
        hidden.row(hidden.rows() - 1),
        new PrefillReport(runs, 0, 0, operations),
        CachePolicies.none().runner(List.of()));
  }

  private NewTokens tokens(PromptEmbeddings prompt, Routing routing) {
    int[] processed = routing.processed();
    PositionIds positions =
        routing.continuation() == Continuation.KEEP_POSITIONS
            ? prompt.positions().of(processed)
            : PositionIds.counting(firstPosition, processed.length);
    return NewTokens.of(positions, prompt.extras().of(processed));
  }

  /**
   * Runs a new token.
   *
   * @param embedding of the token, [1, D]
   * @param layerInputs of the token
   * @param position its position in layers that keep positions
   * @param generated number of the token among those that are generated, from 0
   * @return logits after it, [V]
   */
  float[] step(Matrix embedding, LayerInputs layerInputs, long position, int generated) {
    Matrix hidden = embedding;
    for (int i = 0; i < stages.size(); i++) {
      Routing routing = router.route(new LayerInput(i, hidden, NONE, generated));
      if (routing.processed().length > 0) {
        long at =
            routing.continuation() == Continuation.KEEP_POSITIONS
                ? position
                : firstPosition + caches.get(i).length(0);
        hidden = run(i, hidden, routing, NewTokens.next(new long[] {at}, layerInputs));
      }
    }
    return hidden.row(0);
  }

  /** A layer's output for all tokens, [S, D]; of the last layer the logits, [1, V]. */
  private Matrix run(int layer, Matrix hidden, Routing routing, NewTokens tokens) {
    DecoderStage stage = stages.get(layer);
    int[] processed = routing.processed();
    boolean plain = isPlain(routing);
    try (OnnxTensor input = stage.hidden(hidden.rows(processed))) {
      OrtSession.Result result = stage.run(input, tokens, plain ? NONE : TAPS, caches.get(layer));
      OnnxTensor output = stage.output(result);
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

  // The graph of the last layer computes the logits too, so its last token cannot have a weight.
  private static Matrix lastLogits(OnnxTensor output, Routing routing) {
    int last = routing.weights().length - 1;
    int[] processed = routing.processed();
    if (processed[processed.length - 1] != last || routing.weights()[last] != 1) {
      throw new IllegalArgumentException(
          "the last layer must process the last token with weight 1, not as in " + routing);
    }
    return Matrix.of(Tensors.lastLogits(output).get(0));
  }

  private static Matrix minus(Matrix a, Matrix b) {
    float[] difference = new float[a.data().length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = a.data()[i] - b.data()[i];
    }
    return new Matrix(a.rows(), a.cols(), difference);
  }
}
