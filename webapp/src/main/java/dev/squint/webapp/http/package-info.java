/** What every request passes: key, origin, size of the body, and how refusals are written. */
@NullMarked
package dev.squint.webapp.http;

import org.jspecify.annotations.NullMarked;
