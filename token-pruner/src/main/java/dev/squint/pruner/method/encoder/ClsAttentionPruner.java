package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.evidence.ClsAttention;
import java.util.Set;

/**
 * Keeps the tokens that the encoder's CLS token attends to most, mean over the heads; tokens of all
 * tiles compete. FasterVLM, the first version of VisPruner (arXiv 2412.01818v1); the paper does not
 * state the exact layer.
 *
 * @param layer encoder layer; negative numbers count back from the projector
 */
public record ClsAttentionPruner(int layer) implements TokenScorer<PatchTokens> {

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(new ClsAttention(layer));
  }

  @Override
  public float[] score(PatchTokens tokens) {
    Attention attention = tokens.evidence(new ClsAttention(layer));
    return attention.meanOverHeads();
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int heads = tokens.evidence(new ClsAttention(layer)).perHead().rows();
    return Operations.columnMeans(heads, tokens.size());
  }
}
