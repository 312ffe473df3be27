/**
 * The reduction methods, one file each, named after the method and grouped by the point where they
 * act.
 *
 * <p>Start with {@link dev.squint.pruner.method.encoder.ClsAttentionPruner}. A method is a record;
 * its components are the method's parameters. The name in plans, the paper and the points are in
 * {@link dev.squint.pruner.plan.MethodCatalogue}.
 *
 * <p>To add a method, write one record in the package of its point, add one line to the catalogue
 * and one test; see {@code docs/add-a-method.md}.
 *
 * <p>Traps: equal scores go to the earlier token, so that a decision is the same on every machine;
 * a method reads only the evidence that it names in {@code needs()}; a budget is always what is
 * kept.
 */
@NullMarked
package dev.squint.pruner.method;

import org.jspecify.annotations.NullMarked;
