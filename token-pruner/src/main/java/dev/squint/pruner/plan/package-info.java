/**
 * Which method acts at which point with which budget: the catalogue of methods ({@link
 * dev.squint.pruner.plan.MethodCatalogue}) and the one-line language of plans ({@link
 * dev.squint.pruner.plan.PruningPlan}).
 *
 * <pre>{@code
 * plan   = "none" | step *( "+" step )
 * step   = point ":" method [ "(" argument *( "," argument ) ")" ]
 * point  = "frames" | "tiles" | "patches" | "encoderK" | "encoder" | "layerK" | "decoder" | "cache"
 * argument = "keep=" RATIO | "keep=" LEAST ".." MOST | "tokens=" NUMBER | "crops=" NUMBER | "frames=" NUMBER | PARAMETER "=" VALUE
 * }</pre>
 *
 * <p>Steps are written in the order of the pipeline; several at one point act in sequence. Cache
 * steps come last. The parameters of a method are the components of its record. At "tiles" a budget
 * counts the crops of all pictures, and a number is written crops=NUMBER; the global views are
 * always encoded and not counted.
 *
 * <p>Start with {@code PruningPlan}. Traps: one name may belong to several methods, which act at
 * different points; a plan that parses may still ask for evidence that a model lacks, so the model
 * checks it again.
 */
@NullMarked
package dev.squint.pruner.plan;

import org.jspecify.annotations.NullMarked;
