/**
 * From pixels to visual tokens: pictures and frames are decoded, cut into tiles and resampled
 * exactly as the model package asks, then encoded by ONNX Runtime into patch tokens that know where
 * on the picture they come from.
 */
@NullMarked
package dev.squint.vision;

import org.jspecify.annotations.NullMarked;
