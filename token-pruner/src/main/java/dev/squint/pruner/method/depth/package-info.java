/**
 * Methods that let tokens skip decoder layers or parts of them (point {@code decoder:}): mixtures
 * of depths, early exits, layer choice.
 *
 * <p>Start with {@link dev.squint.pruner.method.depth.SkipDecode}. Traps: a token that skips a
 * layer has no row in that layer's cache; text tokens skip layers only where the paper says so.
 */
@NullMarked
package dev.squint.pruner.method.depth;

import org.jspecify.annotations.NullMarked;
