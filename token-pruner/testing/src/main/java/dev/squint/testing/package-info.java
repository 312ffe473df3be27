/**
 * Helpers for the tests of all modules: comparison of floats within a tolerance, random tests with
 * seeds.
 *
 * <p>Start with {@link dev.squint.testing.Closeness}. Traps: a tolerance is relative to the largest
 * expected value, so two arrays of small and large values are compared apart; results that are
 * exact are compared by {@code isEqualTo}.
 */
@NullMarked
package dev.squint.testing;

import org.jspecify.annotations.NullMarked;
