/**
 * What methods read of a running decoder: which taps a kind of evidence takes, how it is computed,
 * and how many operations that costs.
 *
 * <p>Start with {@link dev.squint.llm.decoder.evidence.LayerEvidence} for methods that act between
 * layers, and with {@link dev.squint.llm.decoder.evidence.CacheEvidence} for cache policies. Each
 * kind is one class in {@code LayerReadings} or {@code CacheReadings}. To add a kind, add a class
 * there and name it in the list {@code ALL} of the same file.
 *
 * <p>The path of evidence: a method names it in {@code needs()}; {@code taps} turns the names into
 * outputs of the graph when the decoder is cut; the stage is run with the rows from {@code
 * queries}; the reading computes the value at the end of the stage.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A value is read at the end of its stage. The tensors behind it are gone when the stage runs
 *       again.
 *   <li>Evidence about a cache is read when the layer ends, but policies decide after the last
 *       stage: what is known only then comes from {@code afterPrefill}.
 *   <li>Attention of the text is computed once for all readings of a point. Its operations are
 *       counted once too.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.evidence;

import org.jspecify.annotations.NullMarked;
