/**
 * Squint as a server: a REST interface of its own, one that OpenAI clients understand, and a web
 * page.
 *
 * <p>One model is loaded once. A request passes {@code http} (key, origin, limits before the body
 * is read), becomes a question in {@code ask} or {@code openai}, waits its turn and is answered in
 * {@code answering}. Every refusal is a {@link dev.squint.webapp.http.Refusal}, written in the form
 * that the called interface uses.
 */
@NullMarked
package dev.squint.webapp;

import org.jspecify.annotations.NullMarked;
