/**
 * Random damage to files for all decoders; {@link dev.squint.vision.fuzz.DecoderFuzz} is the
 * command.
 */
@NullMarked
package dev.squint.vision.fuzz;

import org.jspecify.annotations.NullMarked;
