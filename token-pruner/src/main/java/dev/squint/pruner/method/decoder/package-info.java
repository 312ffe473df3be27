/**
 * Methods that reduce visual tokens between decoder layers (point {@code layerK:}).
 *
 * <p>Start with {@link dev.squint.pruner.method.decoder.FastV}, the smallest one. Traps: {@code
 * layerK} acts after K layers have run; causal attention is zero above the diagonal, so methods
 * that rank visual queries read logits instead.
 */
@NullMarked
package dev.squint.pruner.method.decoder;

import org.jspecify.annotations.NullMarked;
