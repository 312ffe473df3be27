/**
 * Decodes picture files to upright RGB pixels and resamples them, bit-exactly as Pillow does.
 *
 * <p>Start with {@link dev.squint.vision.picture.PictureReader}. Traps: most libraries scale
 * without antialiasing or in floats by default; colour profiles are ignored, as the models' own
 * processors ignore them.
 */
@NullMarked
package dev.squint.vision.picture;

import org.jspecify.annotations.NullMarked;
