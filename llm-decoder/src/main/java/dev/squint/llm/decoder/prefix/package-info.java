/**
 * Keys and values of earlier prompts, reused by prompts that start the same.
 *
 * <p>Start with {@link dev.squint.llm.decoder.prefix.PrefixCache}, then {@link
 * dev.squint.llm.decoder.prefix.PrefixReuse}, which runs only the rest of a prompt. {@code
 * PrefixKeys} names blocks of 16 tokens by all inputs of the decoder for them and for all tokens
 * before. {@code PrefixProbe} tests on the running decoder whether a prompt in parts gives the same
 * result as the whole.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Blocks belong to one decoder. A decoder that is cut again starts with an empty cache.
 *   <li>At least one token of a prompt is always run, because the logits of the last one are
 *       needed.
 *   <li>Names are cryptographic hashes: users of one server must not be able to forge the prefix of
 *       another user's prompt.
 * </ul>
 */
@NullMarked
package dev.squint.llm.decoder.prefix;

import org.jspecify.annotations.NullMarked;
