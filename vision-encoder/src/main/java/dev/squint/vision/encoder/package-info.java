/**
 * Tiles to visual tokens: the ONNX vision encoder, its stages, its taps and its cache.
 *
 * <p>Start with {@link dev.squint.vision.encoder.VisionEncoder}. Traps: 8-bit graphs with dynamic
 * quantization let the tiles of a batch change each other's numbers, so their cache is by request;
 * the last encoder layer is the one that feeds the projector, also where the encoder was trained
 * with more.
 */
@NullMarked
package dev.squint.vision.encoder;

import org.jspecify.annotations.NullMarked;
