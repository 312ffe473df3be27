/**
 * Squint as a server: a REST API of its own, an OpenAI-compatible API, and a web page.
 *
 * <p>A request passes the filters of {@code http} (key, origin, size of the body). The other
 * packages with a controller are one API each. {@code anthropic} and {@code ollama} write their
 * requests as chat requests of {@code openai}. The question waits in the queue of {@code answering}
 * and is answered there. An {@link dev.squint.webapp.answering.AnswerFormat} of the API writes the
 * answer. Each error is an {@link dev.squint.webapp.http.ApiException}, written in the form of the
 * called API.
 */
@NullMarked
package dev.squint.webapp;

import org.jspecify.annotations.NullMarked;
