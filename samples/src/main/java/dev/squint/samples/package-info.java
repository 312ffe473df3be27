/** One {@code main} per feature, each short enough to be read in a minute, all run by the tests. */
@NullMarked
package dev.squint.samples;

import org.jspecify.annotations.NullMarked;
