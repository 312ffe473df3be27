/**
 * Runs: every question under every plan. Each answer is written at once, so a killed run can be
 * resumed and gives the same figures.
 */
@NullMarked
package dev.squint.eval.run;

import org.jspecify.annotations.NullMarked;
