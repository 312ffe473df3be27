/**
 * Squint as a server: a REST API of its own, an OpenAI-compatible API, and a web page.
 *
 * <p>Start with {@link dev.squint.webapp.model.AnswerService}, which answers the questions of all
 * APIs. A request passes the filters of {@code http} (key, origin, size of the body). The other
 * packages with a controller are one API each. {@code anthropic} and {@code ollama} write their
 * requests as chat requests of {@code openai}. The question waits in the queue of {@code answering}
 * and is answered there. An {@link dev.squint.webapp.answering.AnswerFormat} of the API writes the
 * answer. Each error is an {@link dev.squint.webapp.http.ApiException}, written in the form of the
 * called API.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A setting that nothing reads stops the start ({@link dev.squint.webapp.SettingsCheck}). A
 *       new setting is a component of {@link dev.squint.webapp.ServerSettings} or {@link
 *       dev.squint.spring.SquintProperties}.
 *   <li>Controllers run on threads of the web server and must not block. Files are decoded and
 *       questions are answered on threads of {@code answering}.
 * </ul>
 */
@NullMarked
package dev.squint.webapp;

import org.jspecify.annotations.NullMarked;
