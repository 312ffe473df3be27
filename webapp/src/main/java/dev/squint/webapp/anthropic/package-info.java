/**
 * Anthropic's Messages API as a translation of chat requests. Start with {@code
 * MessagesController}; {@code MessagesRequest} has the fields.
 *
 * <p>Trap: fields are read strictly. A field that is neither supported nor listed as ignored is
 * refused by its name.
 */
@NullMarked
package dev.squint.webapp.anthropic;

import org.jspecify.annotations.NullMarked;
