/**
 * The kinds of evidence, one record each. Start with {@link
 * dev.squint.pruner.evidence.ClsAttention}. A kind names what a method reads in addition to the
 * tokens, which part of the pipeline provides it ({@link dev.squint.pruner.Evidence.Source}) and
 * how its values change when tokens are dropped or merged. The kinds with the same type of value
 * share an interface ({@link dev.squint.pruner.evidence.AttentionKind}, {@link
 * dev.squint.pruner.evidence.TokenRowsKind}, ...), so most kinds are a record with one method.
 *
 * <p>The value is read where it is computed: {@code OutputReadings} and {@code TileReadings} for
 * the encoder, {@code LayerReadings} between decoder layers, {@code CacheReadings} for the KV
 * cache, {@code RequestReadings} for question, pixels and package. Kinds computed from other
 * evidence ({@link dev.squint.pruner.evidence.Derived}) need no reader.
 *
 * <p>To add a kind, write its record here and its reading in the file of its source. Traps:
 *
 * <ul>
 *   <li>Two records are the same evidence when they are equal. A parameter of the reading, such as
 *       the layer, must be a component.
 *   <li>Messages and {@code squint methods} print {@code toString()}, so the name of the record is
 *       visible to users.
 *   <li>Attention is summed when tokens merge; logits, keys and hidden states are averaged.
 *   <li>Evidence of the encoder must implement {@code together}, because tiles are cached
 *       separately, and {@code bytes}, because the size of that cache is limited in bytes.
 *   <li>Evidence about a cache is lost when rows are dropped, unless its kind implements {@code
 *       reducedPerHead}.
 * </ul>
 */
@NullMarked
package dev.squint.pruner.evidence;

import org.jspecify.annotations.NullMarked;
