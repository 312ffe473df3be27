/**
 * Methods that select frames of a video before anything is encoded (point {@code frames:}).
 *
 * <p>Start with {@link dev.squint.pruner.method.frames.EvenFrames}. Traps: the first frame has no
 * previous frame; a budget counts frames, not tokens.
 */
@NullMarked
package dev.squint.pruner.method.frames;

import org.jspecify.annotations.NullMarked;
