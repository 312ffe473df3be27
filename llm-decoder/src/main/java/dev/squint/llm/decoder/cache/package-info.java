/**
 * Keys and values of one stage, while sequences decode.
 *
 * <p>Start with {@link dev.squint.llm.decoder.cache.StageCache}: what a stage holds, how a step
 * adds to it, and how rows are replaced. {@link dev.squint.llm.decoder.cache.CacheSlot} describes
 * one tensor of it, {@link dev.squint.llm.decoder.cache.StoredLayer} rows that a policy holds in
 * codes or with fewer channels, and {@link dev.squint.llm.decoder.cache.PrefixBlock} keys and
 * values of 16 tokens that a later prompt may start with. {@link
 * dev.squint.llm.decoder.cache.RowCache} is the cache of a batch whose rows have lengths of their
 * own.
 *
 * <p>Nothing here decides what is kept: that is the work of {@code dev.squint.llm.decoder.policy}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Tensors may be longer than what they hold: rows behind {@code columns()} are room for later
 *       tokens and have no meaning.
 *   <li>Tensors are native memory. {@code replace} and {@code advance} free what was held before,
 *       so no tensor of a cache may be kept by its reader.
 *   <li>Where rows are stored in another form, they are read back for one step and freed by {@code
 *       settle} after it.
 *   <li>What replaces or reads rows of a layer works on one sequence.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.cache;

import org.jspecify.annotations.NullMarked;
