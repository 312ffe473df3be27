/**
 * Which token comes next, as transformers' {@code generate} decides it. The order of the rules is
 * that of transformers 5.18.
 *
 * <p>Start with {@link dev.squint.llm.generation.Sampling}, which chooses among the logits. {@link
 * dev.squint.llm.generation.LogitsRules} change the logits for what was said before. {@link
 * dev.squint.llm.generation.GenerationConfig} reads both from a package's {@code
 * generation_config.json}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Rules are immutable; {@code LogitsRules.start} begins one answer, which has state.
 *   <li>A package that asks for sampling is sampled only if the request gives a temperature. A note
 *       of the answer says so.
 * </ul>
 */
@NullMarked
package dev.squint.llm.generation;

import org.jspecify.annotations.NullMarked;
