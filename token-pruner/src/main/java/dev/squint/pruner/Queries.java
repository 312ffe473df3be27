package dev.squint.pruner;

import java.util.List;

/**
 * Queries of the last tokens of an attention layer, rotated, before any scaling, H times [R,
 * headDim].
 *
 * @param perHead for each query head [R, headDim], the newest token last
 */
public record Queries(List<Matrix> perHead) {
  public Queries {
    perHead = List.copyOf(perHead);
  }
}
