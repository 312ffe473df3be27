package dev.squint.pruner.plan;

import dev.squint.pruner.TokenReduction;
import java.util.Optional;

/**
 * The reduction of N tokens at a point of a plan, and why.
 *
 * @param reduction which stay, which are merged and which go
 * @param scores those by which they were chosen, [N], NaN for tokens that were not scored; empty
 *     where no method scores tokens one by one
 * @param operations that deciding and merging took, {@link dev.squint.pruner.Operations}, without
 *     those for the evidence
 */
public record Decision(TokenReduction reduction, Optional<float[]> scores, double operations) {}
