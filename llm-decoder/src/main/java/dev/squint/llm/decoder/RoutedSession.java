package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.LayerInput;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Routing;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.List;

/**
 * Mixture of depths: every layer runs on the tokens that a router wants, and its cache holds these
 * alone. The decoder is cut after every layer. Not thread-safe.
 */
final class RoutedSession implements DecodingSession {

  // Taps of attention need no rows, but a run without queries gives no taps.
  private static final int[] TAPS = {-1};
  private static final int[] NONE = {};

  private final LayerRouter router;
  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;
  private final StageCaches caches;
  private final long firstPosition;
  private final PrefillReport report;
  private long nextPosition;
  private int generated;
  private float[] logits;

  private RoutedSession(
      TextEmbeddings embeddings,
      List<DecoderStage> stages,
      StageCaches caches,
      PrefillRequest request,
      LayerRouter router) {
    PromptEmbeddings prompt = request.prompt();
    this.router = router;
    this.embeddings = embeddings;
    this.stages = stages;
    this.caches = caches;
    this.firstPosition = prompt.positions().axis(0)[0];
    this.nextPosition = prompt.nextPosition();
    List<StageRun> runs = new ArrayList<>();
    double operations = 0;
    Matrix hidden = prompt.rows(0, prompt.tokens());
    for (int i = 0; i < stages.size(); i++) {
      LayerInput input = new LayerInput(i, hidden, request.visual(), -1);
      Routing routing = router.route(input);
      operations += router.operations(input, routing);
      operations += isPlain(routing) ? 0 : routing.operations(hidden.cols());
      int count = routing.processed().length;
      if (count > 0) {
        hidden = run(i, hidden, routing, tokens(prompt, routing));
        runs.add(new StageRun(i, i + 1, count));
      }
    }
    this.logits = hidden.row(hidden.rows() - 1);
    this.report = new PrefillReport(runs, 0, 0, operations);
  }

  /**
   * Runs a prompt.
   *
   * @param stages one per layer
   * @param router the request's
   */
  static RoutedSession prefill(
      TextEmbeddings embeddings,
      List<DecoderStage> stages,
      PrefillRequest request,
      LayerRouter router) {
    StageCaches caches = StageCaches.empty(stages);
    try {
      return new RoutedSession(embeddings, stages, caches, request, router);
    } catch (RuntimeException e) {
      caches.close();
      throw e;
    }
  }

  private NewTokens tokens(PromptEmbeddings prompt, Routing routing) {
    int[] processed = routing.processed();
    PositionIds positions =
        routing.continuation() == Continuation.KEEP_POSITIONS
            ? prompt.positions().of(processed)
            : PositionIds.counting(firstPosition, processed.length);
    return NewTokens.of(positions, prompt.extras().of(processed));
  }

  @Override
  public float[] logits() {
    return logits;
  }

  @Override
  public void append(long token) {
    Matrix hidden = embedding(token);
    for (int i = 0; i < stages.size(); i++) {
      Routing routing = router.route(new LayerInput(i, hidden, NONE, generated));
      if (routing.processed().length > 0) {
        long position =
            routing.continuation() == Continuation.KEEP_POSITIONS
                ? nextPosition
                : firstPosition + caches.get(i).length(0);
        hidden = run(i, hidden, routing, NewTokens.next(new long[] {position}));
      }
    }
    nextPosition++;
    generated++;
    logits = hidden.row(0);
  }

  private Matrix embedding(long token) {
    try (OrtSession.Result embedded = embeddings.run(new long[] {token}, 1)) {
      return Tensors.matrix((OnnxTensor) embedded.get(0), 1);
    }
  }

  @Override
  public List<Integer> cachedTokens() {
    return caches.tokens(0);
  }

  @Override
  public long cacheBytes() {
    return caches.bytes();
  }

  @Override
  public PrefillReport report() {
    return report;
  }

  @Override
  public void close() {
    caches.close();
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
