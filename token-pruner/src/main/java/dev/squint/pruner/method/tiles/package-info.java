/**
 * Methods that select which crops of a picture are encoded (point {@code tiles:}). The global view
 * is always encoded.
 *
 * <p>Start with {@link dev.squint.pruner.method.tiles.ThumbnailTiles}. {@code GlobalViewMass} sums
 * a score of the global view's tokens over the area of each crop. Traps: a crop that is not encoded
 * has no features, so only pixels, the global view and the question are available.
 */
@NullMarked
package dev.squint.pruner.method.tiles;

import org.jspecify.annotations.NullMarked;
