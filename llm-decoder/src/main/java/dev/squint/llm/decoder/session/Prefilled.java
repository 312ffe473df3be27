package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.policy.CachePolicyRunner;
import dev.squint.llm.decoder.stage.StageCaches;

/**
 * What the prompt of one sequence left in the decoder.
 *
 * @param caches of all stages; closed with this
 * @param nextPositions position of the first generated token in each stage
 * @param logits of the first generated token, [V]
 * @param policies what happens to its cache while decoding
 */
public record Prefilled(
    StageCaches caches,
    long[] nextPositions,
    float[] logits,
    PrefillReport report,
    CachePolicyRunner policies)
    implements AutoCloseable {

  @Override
  public void close() {
    caches.close();
  }
}
