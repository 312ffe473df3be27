/** Traces of questions for OpenTelemetry, through Micrometer. */
@NullMarked
package dev.squint.webapp.trace;

import org.jspecify.annotations.NullMarked;
