package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.TokenReduction;

/** Evidence about a cache at one step, which later steps must observe again. */
public interface CacheKind<V> extends Evidence<V> {
  @Override
  default Evidence.Source source() {
    return Evidence.Source.DECODER;
  }

  @Override
  default V reduced(V value, TokenReduction reduction) {
    throw new IllegalStateException(
        this + "  is about the cache before it was reduced; observe it again");
  }
}
