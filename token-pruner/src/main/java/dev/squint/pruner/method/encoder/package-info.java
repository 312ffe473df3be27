/**
 * Methods that reduce visual tokens inside the vision encoder or after it (points {@code encoderK:}
 * and {@code encoder:}).
 *
 * <p>Start with {@link dev.squint.pruner.method.encoder.ClsAttentionPruner}, the smallest one that
 * reads attention. Traps: encoders without a CLS token give the mean attention of all patches
 * instead and mark it; several methods apply the budget to each tile separately ({@code PerTile}),
 * others to all tiles together.
 */
@NullMarked
package dev.squint.pruner.method.encoder;

import org.jspecify.annotations.NullMarked;
