/**
 * Baselines that look at no content: all tokens, a random choice, an even grid, averages. A method
 * is worth something where it is better than these at the same budget.
 *
 * <p>Start with {@link dev.squint.pruner.method.baseline.RandomChoice}.
 */
@NullMarked
package dev.squint.pruner.method.baseline;

import org.jspecify.annotations.NullMarked;
