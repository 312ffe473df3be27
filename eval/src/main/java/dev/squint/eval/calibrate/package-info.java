/** Chooses where and how much to prune inside a decoder, from measurements on sample questions. */
@NullMarked
package dev.squint.eval.calibrate;

import org.jspecify.annotations.NullMarked;
