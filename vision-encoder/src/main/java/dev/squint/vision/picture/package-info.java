/**
 * Picture files to upright RGB pixels, and their resampling, byte for byte as Pillow does it.
 *
 * <p>Start with {@link dev.squint.vision.picture.PictureReader}. Traps: libraries scale without
 * antialiasing, or in floats, unless asked otherwise; colour profiles are ignored on purpose, as
 * the models' own processors ignore them.
 */
@NullMarked
package dev.squint.vision.picture;

import org.jspecify.annotations.NullMarked;
