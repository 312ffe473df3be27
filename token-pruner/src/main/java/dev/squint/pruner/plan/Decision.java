package dev.squint.pruner.plan;

import dev.squint.pruner.TokenReduction;
import java.util.Optional;

/**
 * The reduction of N tokens at a point of a plan, with its scores and cost.
 *
 * @param reduction which tokens are kept, merged or dropped
 * @param scores scores of the tokens, [N], NaN for tokens without one; empty where no method scores
 *     single tokens
 * @param operations number of {@link dev.squint.pruner.Operations} for deciding and merging,
 *     without those for evidence
 */
public record Decision(TokenReduction reduction, Optional<float[]> scores, double operations) {}
