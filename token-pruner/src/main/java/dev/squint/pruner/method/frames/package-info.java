/**
 * Methods that choose frames of a video before anything is encoded (point {@code frames:}).
 *
 * <p>Start with {@link dev.squint.pruner.method.frames.EvenFrames}. Traps: the first frame has no
 * frame before it; a budget counts frames, not tokens.
 */
@NullMarked
package dev.squint.pruner.method.frames;

import org.jspecify.annotations.NullMarked;
