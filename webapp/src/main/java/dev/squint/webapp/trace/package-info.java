/**
 * Traces of questions for OpenTelemetry, through Micrometer. Start with {@link
 * dev.squint.webapp.trace.QuestionTracing}.
 *
 * <p>Trap: the spans of a question follow each other and never overlap; the next one ends the one
 * before.
 */
@NullMarked
package dev.squint.webapp.trace;

import org.jspecify.annotations.NullMarked;
