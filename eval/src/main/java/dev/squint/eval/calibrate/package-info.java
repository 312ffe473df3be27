/** Chooses where and how much to prune inside a decoder, from what it does on a few questions. */
@NullMarked
package dev.squint.eval.calibrate;

import org.jspecify.annotations.NullMarked;
