/**
 * Short samples, one {@code main} per feature; the tests run all of them.
 *
 * <p>Start with {@code HelloImage}. Traps: paths in the samples are relative to the root of the
 * repository.
 */
@NullMarked
package dev.squint.samples;

import org.jspecify.annotations.NullMarked;
