/**
 * The language half and the whole: a model package in the Hugging Face layout, its tokenizer and
 * chat template, the prompt with visual tokens spliced in, the decoder with its KV cache, and the
 * one call that leads from picture and question to an answer.
 */
@NullMarked
package dev.squint.llm;

import org.jspecify.annotations.NullMarked;
