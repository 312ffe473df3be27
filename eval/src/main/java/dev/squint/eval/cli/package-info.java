/**
 * The command line {@code squint}. It is in this module because the evaluation is its largest part,
 * and both use the same plans and options.
 */
@NullMarked
package dev.squint.eval.cli;

import org.jspecify.annotations.NullMarked;
