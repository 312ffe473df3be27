/** Scores of answers, and figures with confidence intervals over many answers. Pure functions. */
@NullMarked
package dev.squint.eval.metric;

import org.jspecify.annotations.NullMarked;
