/** Figures over the answers of a run, and the tables that show them. */
@NullMarked
package dev.squint.eval.report;

import org.jspecify.annotations.NullMarked;
