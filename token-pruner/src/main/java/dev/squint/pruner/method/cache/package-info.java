/**
 * Policies for the KV cache: which rows stay or merge, which channels of the keys are kept, and in
 * which form rows are stored.
 *
 * <p>Start with {@link dev.squint.pruner.method.cache.StreamingLlm}, the smallest one. {@code
 * QuantizedMatrix}, {@code PackedCodes}, {@code CodedLines} and {@code LowRank} are the number
 * formats that the policies share.
 *
 * <p>Traps: rows are indices into the cache of one layer, not prompt positions; heads may keep
 * different rows, but all layers of a stage keep equally many.
 */
@NullMarked
package dev.squint.pruner.method.cache;

import org.jspecify.annotations.NullMarked;
