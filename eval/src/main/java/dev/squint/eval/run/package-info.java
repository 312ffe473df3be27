/**
 * Runs: every question under every plan, each answer written as it comes, so that a run that was
 * killed goes on where it stopped and ends with the same figures.
 */
@NullMarked
package dev.squint.eval.run;

import org.jspecify.annotations.NullMarked;
