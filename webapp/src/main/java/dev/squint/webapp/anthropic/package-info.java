/** Anthropic's Messages API as a translation of chat requests. */
@NullMarked
package dev.squint.webapp.anthropic;

import org.jspecify.annotations.NullMarked;
