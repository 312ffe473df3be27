package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.Trained;
import java.util.Set;

/**
 * Keeps visual tokens above thresholds that a trained module finds for every picture and question.
 * ATP-LLaVA (arXiv 2412.00447, our reading); {@link AtpModule} describes the module.
 */
public record Atp() implements Pruner<LayerTokens> {
  private static final Trained WEIGHTS = new Trained("atp");

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(AtpStyle.SELF, AtpStyle.CROSS, WEIGHTS);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    return new AtpModule(tokens.evidence(WEIGHTS))
        .reduce(tokens, tokens.evidence(AtpStyle.SELF), tokens.evidence(AtpStyle.CROSS), budget);
  }

  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    return new AtpModule(tokens.evidence(WEIGHTS))
        .operations(tokens, tokens.evidence(AtpStyle.SELF), tokens.evidence(AtpStyle.CROSS));
  }
}
