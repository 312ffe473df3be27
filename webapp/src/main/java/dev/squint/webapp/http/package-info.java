/**
 * What applies to every request: key, origin, size of the body, and the form of errors.
 *
 * <p>Start with {@code Guard}, the filter that refuses requests, and with {@link
 * dev.squint.webapp.http.ApiException}, which any code throws for an error that a client sees.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>An error never shows a class, a path or another fact of the machine ({@link
 *       dev.squint.webapp.http.ApiError}).
 *   <li>A JSON field is known, ignored or refused. {@link dev.squint.webapp.http.FieldRules}
 *       decides, not Jackson.
 *   <li>springdoc reads annotations of Jackson 2, the server uses Jackson 3. {@code SchemaNames}
 *       and {@code BodySchemas} fill the gap.
 * </ul>
 */
@NullMarked
package dev.squint.webapp.http;

import org.jspecify.annotations.NullMarked;
