package dev.squint.llm.decoder.session;

import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.policy.CachePolicies;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import java.util.List;

/** A sequence whose tokens run through the layers that a router selects. Not thread-safe. */
public final class RoutedSession extends SteppedSession {

  private final TextEmbeddings embeddings;
  private final RoutedLayers layers;
  private long nextPosition;
  private int generated;

  private RoutedSession(TextEmbeddings embeddings, RoutedLayers layers, Prefilled prefilled) {
    super(prefilled);
    this.embeddings = embeddings;
    this.layers = layers;
    this.nextPosition = prefilled.nextPositions()[0];
  }

  /**
   * Runs a prompt.
   *
   * @param stages one per layer
   * @param visual which tokens of the prompt are visual ones, ascending
   * @param steps the request's
   */
  public static RoutedSession prefill(
      TextEmbeddings embeddings,
      List<DecoderStage> stages,
      PromptEmbeddings prompt,
      int[] visual,
      Steps steps) {
    StageCaches caches = StageCaches.empty(stages);
    try {
      RoutedLayers layers = new RoutedLayers(steps, stages, caches, prompt.positions().axis(0)[0]);
      return new RoutedSession(embeddings, layers, layers.prefill(prompt, visual));
    } catch (RuntimeException e) {
      caches.close();
      throw e;
    }
  }

  /**
   * What is decided about the tokens of a sequence.
   *
   * @param router decides which tokens each layer runs on
   * @param hook decides between two layers which tokens are left; reads their hidden states alone
   * @param policies of the caches; read the cached rows alone
   */
  public record Steps(LayerRouter router, StageHook hook, CachePolicies policies) {}

  @Override
  float[] step(long token) {
    try (OrtSession.Result embedded = embeddings.run(new long[] {token}, 1)) {
      Matrix embedding = Tensors.matrix(embeddings.embeddings(embedded), 1);
      LayerInputs layerInputs = embeddings.layerInputs(embedded, 1);
      return layers.step(embedding, layerInputs, nextPosition++, generated++);
    }
  }
}
