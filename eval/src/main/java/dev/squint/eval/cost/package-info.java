/**
 * Floating-point operations of answers, in the conventions of the papers.
 *
 * <p>Start with {@link dev.squint.eval.cost.Flops}. {@link dev.squint.eval.cost.ModelCost} reads
 * the sizes of a model.
 *
 * <p>Trap: conventions differ by a factor of up to 2.5 for the same work. Compare figures of one
 * convention only.
 */
@NullMarked
package dev.squint.eval.cost;

import org.jspecify.annotations.NullMarked;
