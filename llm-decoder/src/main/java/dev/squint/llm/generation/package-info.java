/**
 * Which token comes next, as transformers' {@code generate} decides it: {@link
 * dev.squint.llm.generation.LogitsRules} change the logits for what was said before, {@link
 * dev.squint.llm.generation.Sampling} chooses among them, and {@link
 * dev.squint.llm.generation.GenerationConfig} reads both from a package's {@code
 * generation_config.json}. The order of the rules is that of transformers 5.18.
 */
@NullMarked
package dev.squint.llm.generation;

import org.jspecify.annotations.NullMarked;
