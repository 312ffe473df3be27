package dev.squint.llm.decoder.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.llm.decoder.policy.CachePolicies;
import dev.squint.llm.decoder.policy.CachePolicyRunner;
import dev.squint.llm.decoder.policy.ObservedStage;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageHook;
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
  private final StageHook hook;
  private final CachePolicies policies;
  private final List<DecoderStage> stages;
  private final StageCaches caches;
  private final long firstPosition;
  private final List<StageRun> runs = new ArrayList<>();
  private final List<ObservedStage> observed = new ArrayList<>();
  // Tokens of the prompt and of the answer that each layer has processed; its cache may hold fewer.
  private final int[] prompted;
  private final int[] generated;
  private CachePolicyRunner runner = CachePolicies.none().runner(List.of());
  private double operations;

  /**
   * Prepares for one sequence.
   *
   * @param stages one per layer
   * @param caches of the stages; they stay the caller's
   * @param firstPosition of the prompt
   */
  RoutedLayers(
      RoutedSession.Steps steps,
      List<DecoderStage> stages,
      StageCaches caches,
      long firstPosition) {
    this.router = steps.router();
    this.hook = steps.hook();
    this.policies = steps.policies();
    this.stages = stages;
    this.caches = caches;
    this.firstPosition = firstPosition;
    this.prompted = new int[stages.size()];
    this.generated = new int[stages.size()];
  }

  /**
   * Runs a prompt.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   */
  Prefilled prefill(PromptEmbeddings prompt, int[] visual) {
    RoutedTokens tokens = RoutedTokens.of(prompt, visual);
    for (int i = 0; i < stages.size(); i++) {
      tokens = tokens.with(layer(i, tokens, prompt.nextPosition()));
      if (i + 1 < stages.size() && hook.readsPrompt()) {
        tokens =
            tokens.next(
                hook.between(
                    StageEnd.routed(
                        stages.get(i),
                        tokens.hidden(),
                        tokens.positions(),
                        prompt.nextPosition())));
      }
    }
    runner = policies.runner(observed);
    for (int i = 0; i < stages.size() && !runner.doesNothing(); i++) {
      if (prompted[i] > 0) {
        operations += runner.afterPrefill(stages.get(i), caches.get(i));
        caches.get(i).settle();
      }
    }
    long[] next = new long[stages.size()];
    Arrays.fill(next, prompt.nextPosition());
    return new Prefilled(
        caches,
        next,
        tokens.hidden().row(tokens.hidden().rows() - 1),
        new PrefillReport(runs, 0, 0, operations),
        runner);
  }

  /** A layer's output for all tokens, [S, D]; of the last layer the logits, [1, V]. */
  private Matrix layer(int i, RoutedTokens tokens, long nextPosition) {
    LayerInput input = new LayerInput(i, tokens.hidden(), tokens.visual(), -1);
    Routing routing = router.route(input);
    operations += router.operations(input, routing);
    operations += routing.isUnweighted() ? 0 : routing.operations(tokens.hidden().cols());
    int[] rows = routing.processed();
    if (rows.length == 0) {
      return tokens.hidden();
    }
    PositionIds positions =
        routing.continuation() == Continuation.KEEP_POSITIONS
            ? tokens.positions().of(rows)
            : PositionIds.counting(firstPosition, rows.length);
    Matrix output = run(i, tokens.hidden(), routing, tokens.at(positions, rows), -1);
    prompted[i] = rows.length;
    runs.add(new StageRun(i, i + 1, rows.length));
    observed.add(
        policies.observe(
            StageEnd.routed(stages.get(i), output, positions, nextPosition), i, tokens.of(rows)));
    return output;
  }

  /**
   * Runs a new token.
   *
   * @param embedding of the token, [1, D]
   * @param layerInputs of the token
   * @param position its position in layers that keep positions
   * @param number of the token among those that are generated, from 0
   * @return logits after it, [V]
   */
  float[] step(Matrix embedding, LayerInputs layerInputs, long position, int number) {
    Matrix hidden = embedding;
    for (int i = 0; i < stages.size(); i++) {
      Routing routing = router.route(new LayerInput(i, hidden, NONE, number));
      if (routing.processed().length > 0) {
        long at =
            routing.continuation() == Continuation.KEEP_POSITIONS
                ? position
                : firstPosition + prompted[i] + generated[i];
        hidden = run(i, hidden, routing, NewTokens.next(new long[] {at}, layerInputs), number);
      }
    }
    return hidden.row(0);
  }

  /**
   * A layer's output for all tokens, [S, D]; of the last layer the logits, [1, V].
   *
   * @param number of the token among those that are generated; -1 for a prompt
   */
  private Matrix run(int layer, Matrix hidden, Routing routing, NewTokens tokens, int number) {
    DecoderStage stage = stages.get(layer);
    int[] rows = routing.processed();
    boolean weighted = !routing.isUnweighted();
    try (OnnxTensor input = stage.hidden(hidden.rows(rows))) {
      OrtSession.Result result =
          stage.run(input, tokens, weighted ? TAPS : NONE, caches.get(layer));
      Matrix output = output(layer, hidden, routing, result);
      if (number >= 0) {
        follow(layer, result, tokens, number);
      }
      return output;
    }
  }

  private Matrix output(int layer, Matrix hidden, Routing routing, OrtSession.Result result) {
    OnnxTensor output = stages.get(layer).output(result);
    if (layer + 1 == stages.size()) {
      return lastLogits(output, routing);
    }
    int count = routing.processed().length;
    Matrix after = Tensors.matrix(output, count);
    if (routing.isUnweighted()) {
      return count == hidden.rows() ? after : routing.scattered(hidden, after);
    }
    String tap = Tap.attended(layer).output();
    Matrix attended = Tensors.matrix((OnnxTensor) result.get(tap).orElseThrow(), count);
    return routing.combine(hidden, attended, minus(after, attended));
  }

  /** Lets the cache policies decide about a layer after a token of the answer. */
  private void follow(int layer, OrtSession.Result result, NewTokens tokens, int number) {
    generated[layer]++;
    // Policies know the rows of layers that processed some of the prompt.
    if (prompted[layer] > 0 && !runner.doesNothing()) {
      long position = tokens.positions().get(0).axis(0)[0];
      runner.afterStep(stages.get(layer), caches.get(layer), result, position, number);
      caches.get(layer).settle();
    }
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
