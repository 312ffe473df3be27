/**
 * Helpers for the tests of all modules: comparison of floats within a tolerance, random tests with
 * seeds.
 */
@NullMarked
package dev.squint.testing;

import org.jspecify.annotations.NullMarked;
