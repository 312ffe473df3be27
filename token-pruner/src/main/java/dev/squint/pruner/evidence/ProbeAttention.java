package dev.squint.pruner.evidence;

import dev.squint.pruner.Probes;

/**
 * Attention of some queries of the prompt to each row of a layer's cache, mean over the heads: the
 * last {@code recent} queries, and {@code others} of the earlier ones.
 */
public record ProbeAttention(int recent, int others) implements CacheKind<Probes> {
  @Override
  public void check(Probes value, int tokens) {
    Parts.checkCount(this, value.attention().cols(), tokens);
  }
}
