/** What applies to every request: key, origin, size of the body, and the form of errors. */
@NullMarked
package dev.squint.webapp.http;

import org.jspecify.annotations.NullMarked;
