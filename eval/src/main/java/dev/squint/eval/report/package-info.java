/** Figures over the answers of a run, and the reports with them. */
@NullMarked
package dev.squint.eval.report;

import org.jspecify.annotations.NullMarked;
