/** Questions, checked and not yet decoded, their queue, and what is measured of the answers. */
@NullMarked
package dev.squint.webapp.answering;

import org.jspecify.annotations.NullMarked;
