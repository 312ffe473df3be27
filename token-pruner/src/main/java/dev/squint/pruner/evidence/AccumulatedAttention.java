package dev.squint.pruner.evidence;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.List;
import java.util.Optional;

/**
 * Attention that each row of a layer's cache has received so far, from the query of its own token
 * and of all later ones, summed over the query heads of its key head, [kvHeads, N].
 */
public record AccumulatedAttention() implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }

  /** The attention of rows that merge is summed. */
  @Override
  public Optional<Attention> reducedPerHead(Attention value, List<TokenReduction> heads) {
    float[][] fewer = new float[heads.size()][];
    for (int h = 0; h < fewer.length; h++) {
      fewer[h] = heads.get(h).sumColumns(Matrix.of(value.perHead().row(h))).data();
    }
    return Optional.of(Attention.of(Matrix.of(fewer)));
  }
}
