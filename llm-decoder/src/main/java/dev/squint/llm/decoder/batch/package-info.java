/**
 * Requests that share one decoder: continuous batching (Orca, OSDI 2022), prompts in chunks between
 * the steps (Sarathi, arXiv 2308.16369).
 *
 * <p>Start with {@link dev.squint.llm.decoder.batch.Batching}: what a decoder does for requests
 * that share it as {@link dev.squint.llm.decoder.batch.Sharing} says. {@link
 * dev.squint.llm.decoder.batch.Turns} decides who runs next, {@code BatchLoop} has the thread that
 * runs the steps, {@code RowBatch} the rows, and {@code BatchProbe} tries whether a decoder's
 * sequences get the same together as alone.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A sequence keeps the thread of its request, which chooses its tokens. Only steps run on the
 *       loop's thread.
 *   <li>A step that runs is waited for, also by a request that is cancelled meanwhile: it writes
 *       the caches of all rows.
 *   <li>After a failure in a step the content of the caches is unknown, so all its sequences fail.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.batch;

import org.jspecify.annotations.NullMarked;
