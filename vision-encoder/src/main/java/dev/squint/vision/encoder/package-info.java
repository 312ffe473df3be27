/**
 * Turns tiles into visual tokens: the ONNX vision encoder, its stages, its evidence and its cache.
 *
 * <p>Start with {@link dev.squint.vision.encoder.VisionEncoder}. {@code OnnxVisionEncoder} encodes
 * in one of two ways: {@code WholeEncoding} with the graph as it was exported, {@code
 * StagedEncoding} with a rewritten graph that has taps, or is cut where tokens are merged. {@link
 * dev.squint.vision.encoder.EncoderCache} caches tokens by the content of the tiles, and in a
 * {@code FeatureStore} that several processes share, in the bytes of {@code FeatureFormat}. {@code
 * RemoteVisionEncoder} asks an encoder in another process, {@code EncodeService}.
 *
 * <p>Evidence is what pruning methods use besides the features. {@code OutputReadings} reads the
 * kinds that are outputs of the exported graph. {@code TileReadings} reads the kinds that need
 * taps, which are outputs added to the graph. To add a kind, write one more class there.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>In 8-bit graphs with dynamic quantization, the tiles of a batch change each other's
 *       numbers. Their tokens are cached by request, not by tile.
 *   <li>The last encoder layer, -1, is the one that feeds the projector, even if the encoder was
 *       trained with more layers.
 *   <li>Tapped queries are scaled by 1 / sqrt(d). Readings of queries must undo that.
 *   <li>Several patches may make one token, and after merging one row may represent several
 *       patches. {@code TilePart} maps rows to tokens.
 *   <li>Without a CLS token, attention and logits are the mean over all patches.
 * </ul>
 */
@NullMarked
package dev.squint.vision.encoder;

import org.jspecify.annotations.NullMarked;
