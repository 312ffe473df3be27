/** Squint's own interface, which its page uses: ask with files, and what can be asked for. */
@NullMarked
package dev.squint.webapp.ask;

import org.jspecify.annotations.NullMarked;
