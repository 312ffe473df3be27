/**
 * Ollama's API as a translation of chat requests. Start with {@code OllamaController}; {@code
 * OllamaRequest} has the fields.
 *
 * <p>Traps: durations are in nanoseconds; an answer is streamed unless {@code stream} is false,
 * whatever the client accepts.
 */
@NullMarked
package dev.squint.webapp.ollama;

import org.jspecify.annotations.NullMarked;
