/**
 * What the tests of all modules share: floats compared within a tolerance, random tests with seeds.
 */
@NullMarked
package dev.squint.testing;

import org.jspecify.annotations.NullMarked;
