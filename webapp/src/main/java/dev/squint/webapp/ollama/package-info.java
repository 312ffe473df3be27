/** Ollama's API as a translation of chat requests. */
@NullMarked
package dev.squint.webapp.ollama;

import org.jspecify.annotations.NullMarked;
