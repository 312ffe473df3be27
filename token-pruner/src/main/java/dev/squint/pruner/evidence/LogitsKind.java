package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Logits;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/** Evidence whose value is the logits of a query for each token. */
public interface LogitsKind extends Evidence<Logits> {
  @Override
  default Logits reduced(Logits value, TokenReduction reduction) {
    return value.reduced(reduction);
  }

  @Override
  default void check(Logits value, int tokens) {
    Parts.checkCount(this, value.perHead().cols(), tokens);
  }

  @Override
  default Logits together(List<Evidence.Part<Logits>> parts, int tiles) {
    return new Logits(
        Parts.columns(parts, Logits::perHead),
        parts.stream().anyMatch(p -> p.value().substitute()));
  }

  @Override
  default long bytes(Logits value) {
    return value.perHead().bytes();
  }
}
