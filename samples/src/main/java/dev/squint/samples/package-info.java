/** Short samples, one {@code main} per feature; the tests run all of them. */
@NullMarked
package dev.squint.samples;

import org.jspecify.annotations.NullMarked;
