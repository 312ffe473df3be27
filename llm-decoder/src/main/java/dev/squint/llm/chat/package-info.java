/**
 * What is said to a model. A {@link dev.squint.llm.chat.Message} has texts, pictures and videos
 * ({@link dev.squint.llm.chat.Content}); {@link dev.squint.llm.chat.ChatTemplate} writes messages
 * as the package's template says.
 *
 * <p>A template is Jinja as the Python package transformers runs it. Jinjava runs it here; this
 * package adds what chat templates use beyond it: methods of Python strings, keyword arguments that
 * are whole expressions, slices with a step, the {@code generation} block, {@code raise_exception}
 * and {@code strftime_now}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Templates come from strangers. They run within Jinjava's limits; keep those.
 *   <li>Python and Jinjava differ in white space after blocks. Compare a new template with what
 *       transformers writes, character by character.
 *   <li>Videos stand in messages as clips until {@code ExpandedConversation} has written them as
 *       frames.
 * </ul>
 */
@NullMarked
package dev.squint.llm.chat;

import org.jspecify.annotations.NullMarked;
