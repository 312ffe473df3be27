/**
 * Cache policies of a plan, applied to one sequence.
 *
 * <p>Start with {@link dev.squint.llm.decoder.policy.CachePolicyRunner}: it applies the policies
 * after prefill and again while decoding. {@code LayerRows} records which token and position each
 * row of a layer's cache belongs to. {@link dev.squint.llm.decoder.policy.KeyRotation} moves keys
 * to other positions.
 *
 * <p>Which rows go is decided in {@code dev.squint.pruner}; here the decision is carried out.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>All layers of a stage must hold the same number of rows, because they share one attention
 *       mask. The decoder is cut where a policy keeps another number.
 *   <li>Rows are found by the number of their token, not by their index: other policies may have
 *       removed rows before.
 *   <li>RoPE depends on distances alone. When gaps are closed, the newest row keeps its position.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.policy;

import org.jspecify.annotations.NullMarked;
