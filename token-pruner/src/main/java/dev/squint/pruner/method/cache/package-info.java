/**
 * Policies for the KV cache: which rows are kept or merged, which channels of the keys are kept,
 * and in which format rows are stored.
 *
 * <p>Start with {@link dev.squint.pruner.method.cache.StreamingLlm}, the smallest one. {@code
 * QuantizedMatrix}, {@code PackedCodes}, {@code CodedLines} and {@code LowRank} are number formats
 * that several policies use.
 *
 * <p>Traps: rows are indices into the cache of one layer, not prompt positions; heads may keep
 * different rows, but all layers of a stage keep the same number.
 */
@NullMarked
package dev.squint.pruner.method.cache;

import org.jspecify.annotations.NullMarked;
