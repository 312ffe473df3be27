/** What answers cost in floating-point operations, in the conventions of the papers. */
@NullMarked
package dev.squint.eval.cost;

import org.jspecify.annotations.NullMarked;
