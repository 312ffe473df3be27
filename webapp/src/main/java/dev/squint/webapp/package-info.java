/**
 * The web application: the library behind a REST interface and one page, with limits on what a
 * request may cost.
 */
@NullMarked
package dev.squint.webapp;

import org.jspecify.annotations.NullMarked;
