/**
 * Tiles to visual tokens: the ONNX vision encoder, its stages, its evidence and its cache.
 *
 * <p>Start with {@link dev.squint.vision.encoder.VisionEncoder}. {@code OnnxVisionEncoder} encodes
 * in one of two ways: {@code WholeEncoding} with the graph as it was exported, {@code
 * StagedEncoding} with a rewritten graph that has taps, or is cut where tokens are merged. {@link
 * dev.squint.vision.encoder.EncoderCache} remembers tokens by the content of the tiles.
 *
 * <p>Evidence: a kind that the exported graph gives is read in {@code OutputReadings}, a kind that
 * taps show in {@code TileReadings}. A new kind is one more class there.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>8-bit graphs with dynamic quantization let the tiles of a batch change each other's
 *       numbers, so their cache is by request.
 *   <li>The last encoder layer, -1, is the one that feeds the projector, also where the encoder was
 *       trained with more layers.
 *   <li>Tapped queries are scaled by 1 / sqrt(d). Readings of queries must undo that.
 *   <li>Several patches may make one token, and after merging one row may stand for several
 *       patches: {@code TilePart} says which rows make which token.
 *   <li>Without a CLS token, attention and logits are the mean over all patches, and say so.
 * </ul>
 */
@NullMarked
package dev.squint.vision.encoder;

import org.jspecify.annotations.NullMarked;
