/**
 * Squint as a server: a REST API of its own, an OpenAI-compatible API, and a web page.
 *
 * <p>A request passes the filters of {@code http} (key, origin, size of the body). A controller of
 * {@code ask} or {@code openai} makes a question of it. The question waits in the queue of {@code
 * answering} and is answered there. Each error is an {@link dev.squint.webapp.http.ApiException},
 * written in the form of the called API.
 */
@NullMarked
package dev.squint.webapp;

import org.jspecify.annotations.NullMarked;
