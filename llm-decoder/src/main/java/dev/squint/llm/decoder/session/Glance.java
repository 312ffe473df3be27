package dev.squint.llm.decoder.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.evidence.LayerEvidence;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.pruner.EvidenceSet;
import java.util.List;

/** Runs a prompt through the first layers alone, to read what its last token attends to. */
public final class Glance {

  private static final int[] NO_QUERIES = {};

  private Glance() {}

  /**
   * Attention [H, N] of the last token to the visual ones.
   *
   * @param visual which tokens of the prompt are visual ones, ascending
   * @param layers how many layers run; the last of them is tapped
   * @throws IllegalArgumentException if the decoder is not cut after these layers
   */
  public static EvidenceSet run(
      List<DecoderStage> stages, PromptEmbeddings prompt, int[] visual, int layers) {
    int[] last = {prompt.tokens() - 1};
    NewTokens tokens = NewTokens.of(prompt.positions(), prompt.extras());
    try (StageCaches caches = StageCaches.empty(stages);
        OnnxTensor embedded = stages.get(0).hidden(prompt)) {
      OnnxTensor hidden = embedded;
      for (int i = 0; i < stages.size(); i++) {
        DecoderStage stage = stages.get(i);
        int[] queries = stage.endLayer() == layers ? last : NO_QUERIES;
        OrtSession.Result result = stage.run(hidden, tokens, queries, caches.get(i));
        if (stage.endLayer() == layers) {
          StageEnd end =
              new StageEnd(stage, result, queries, prompt.positions(), prompt.nextPosition());
          return new LayerEvidence(end, visual, 0).glance();
        }
        hidden = stage.output(result);
      }
    }
    throw new IllegalArgumentException(
        "the decoder is not cut after %d layers; it is after %s"
            .formatted(layers, stages.stream().map(DecoderStage::endLayer).toList()));
  }
}
