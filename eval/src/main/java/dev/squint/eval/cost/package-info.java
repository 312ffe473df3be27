/** Floating-point operations of answers, in the conventions of the papers. */
@NullMarked
package dev.squint.eval.cost;

import org.jspecify.annotations.NullMarked;
