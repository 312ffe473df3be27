/**
 * What is said to a model: {@link dev.squint.llm.chat.Message messages} of text and pictures, and
 * the {@link dev.squint.llm.chat.ChatTemplate chat template} that a model package writes them with.
 *
 * <p>A template is Jinja as the Python package transformers runs it. Jinjava does the work; this
 * package adds what chat templates use beyond it: methods of Python strings, keyword arguments that
 * are whole expressions, slices with a step, the {@code generation} block, {@code raise_exception}
 * and {@code strftime_now}.
 */
@NullMarked
package dev.squint.llm.chat;

import org.jspecify.annotations.NullMarked;
