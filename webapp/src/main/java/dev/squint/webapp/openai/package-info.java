/**
 * OpenAI's API, as far as it applies to a vision-language model. Start with {@code ChatController};
 * {@link dev.squint.webapp.openai.ChatRequest} has the fields, {@link
 * dev.squint.webapp.openai.ChatReader} makes a question of them. {@code ResponsesRequest} and the
 * requests of the other APIs are written as chat requests ({@link
 * dev.squint.webapp.openai.ChatBody}).
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Addresses of pictures come from outside. {@code RemoteFiles} fetches from allowed hosts
 *       only, checks all addresses of a host and connects to a checked one.
 *   <li>Every field must be in {@link dev.squint.webapp.openai.ChatFields}: read, ignored or
 *       refused.
 * </ul>
 */
@NullMarked
package dev.squint.webapp.openai;

import org.jspecify.annotations.NullMarked;
