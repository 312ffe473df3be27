package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.VisualQueryAttention;
import dev.squint.pruner.evidence.VisualQueryLogits;
import java.util.Arrays;
import java.util.Set;

/**
 * Keeps the visual tokens whose mean of self and cross scores exceeds a threshold, and those on a
 * uniform grid that is sparse enough. ATP-LLaVA's scores (arXiv 2412.00447) with fixed thresholds
 * instead of those of its trained module ({@link Atp}).
 *
 * @param redundancy threshold of the mean of self and cross scores, such as a quantile measured on
 *     calibration data
 * @param spatial threshold of the grid's score; 0.5 keeps grids with strides of 3 or more
 * @param coarsest stride of the sparsest grid
 * @param self what the visual tokens say about each other
 */
public record AtpStyle(double redundancy, double spatial, int coarsest, Self self)
    implements Pruner<LayerTokens> {
  static final VisualQueryLogits SELF = new VisualQueryLogits();
  static final TextQueryAttention CROSS = new TextQueryAttention();
  private static final VisualQueryAttention RECEIVED = new VisualQueryAttention();

  /** What the visual tokens say about each other; the paper leaves it open. */
  public enum Self {
    /** Logits, also of tokens that causal attention hides. */
    LOGITS,
    /** Attention; late tokens receive it from few queries. */
    ATTENTION
  }

  public AtpStyle {
    if (coarsest < 1) {
      throw new IllegalArgumentException("coarsest must be at least 1 but was " + coarsest);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(self == Self.LOGITS ? SELF : RECEIVED, CROSS);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    float[] redundancies = new float[tokens.size()];
    Arrays.fill(redundancies, (float) redundancy);
    float[] spatials = new float[tokens.size()];
    Arrays.fill(spatials, (float) spatial);
    return AtpScores.of(tokens, selfScores(tokens), tokens.evidence(CROSS), coarsest, false)
        .above(redundancies, spatials, budget);
  }

  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    return AtpScores.operations(selfScores(tokens), tokens.evidence(CROSS), false);
  }

  /** Per head, mean over the queries, [H, N]. */
  private Matrix selfScores(LayerTokens tokens) {
    return switch (self) {
      case LOGITS -> tokens.evidence(SELF).perHead();
      case ATTENTION -> tokens.evidence(RECEIVED).perHead();
    };
  }
}
