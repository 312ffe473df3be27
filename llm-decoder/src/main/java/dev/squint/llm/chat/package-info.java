/**
 * The messages of a conversation. Start with {@link dev.squint.llm.chat.Message}: it has texts,
 * pictures and videos ({@link dev.squint.llm.chat.Content}). {@link
 * dev.squint.llm.chat.ChatTemplate} writes messages with the package's template.
 *
 * <p>A template is Jinja2 as transformers runs it; {@link dev.squint.llm.jinja} renders it.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Videos stand in messages as clips until {@code ExpandedConversation} has written them as
 *       frames.
 * </ul>
 */
@NullMarked
package dev.squint.llm.chat;

import org.jspecify.annotations.NullMarked;
