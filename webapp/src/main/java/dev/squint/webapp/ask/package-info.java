/**
 * Squint's own interface, which its page uses: ask with files, and the lists of methods and models.
 * Start with {@code AskController}; {@code AskForm} lists the fields of a question, {@code
 * AskReader} reads them.
 *
 * <p>Trap: {@code AskForm} is only for the OpenAPI document. A new field must be in both classes.
 */
@NullMarked
package dev.squint.webapp.ask;

import org.jspecify.annotations.NullMarked;
