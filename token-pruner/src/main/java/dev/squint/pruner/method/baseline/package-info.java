/**
 * Baselines that ignore the content: all tokens, a random choice, a uniform grid, averages. A
 * method is useful only where it is better than these at the same budget.
 *
 * <p>Start with {@link dev.squint.pruner.method.baseline.RandomChoice}. Traps: a random choice
 * depends on its seed, so a comparison needs several seeds; a grid keeps the same tokens of each
 * picture of one size.
 */
@NullMarked
package dev.squint.pruner.method.baseline;

import org.jspecify.annotations.NullMarked;
