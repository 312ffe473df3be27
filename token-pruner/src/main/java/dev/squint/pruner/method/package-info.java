/**
 * The methods, one record each, called by what stays. The components of a record are the method's
 * parameters; the name that plans use, the paper and the points are in {@link
 * dev.squint.pruner.plan.Pruners}. Methods with trained weights are classes that take them, and are
 * not in the catalogue.
 */
@NullMarked
package dev.squint.pruner.method;

import org.jspecify.annotations.NullMarked;
