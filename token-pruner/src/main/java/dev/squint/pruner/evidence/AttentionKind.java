package dev.squint.pruner.evidence;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/** Evidence whose value is the attention to each token. */
public interface AttentionKind extends Evidence<Attention> {
  @Override
  default Attention reduced(Attention value, TokenReduction reduction) {
    return value.reduced(reduction);
  }

  @Override
  default void check(Attention value, int tokens) {
    Parts.checkCount(this, value.perHead().cols(), tokens);
  }

  @Override
  default Attention together(List<Evidence.Part<Attention>> parts, int tiles) {
    return new Attention(
        Parts.columns(parts, Attention::perHead),
        parts.stream().anyMatch(p -> p.value().substitute()));
  }

  @Override
  default long bytes(Attention value) {
    return value.perHead().bytes();
  }
}
