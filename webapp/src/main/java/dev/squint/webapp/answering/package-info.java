/** Checked questions, their queue, the decoding of their files, and the figures of answers. */
@NullMarked
package dev.squint.webapp.answering;

import org.jspecify.annotations.NullMarked;
