/**
 * Scores of answers, and figures with confidence intervals over many answers. Pure functions.
 *
 * <p>Start with {@link dev.squint.eval.metric.Grading}: a {@link dev.squint.eval.metric.Scorer}
 * scores one answer, an {@link dev.squint.eval.metric.Aggregate} combines the scores. Task files
 * name them; {@link dev.squint.eval.metric.Scorers} and {@link dev.squint.eval.metric.Aggregates}
 * list the names.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Official code has errors that published results depend on. They are kept, and a comment
 *       says so.
 *   <li>The same benchmark is scored differently by its authors, lmms-eval and VLMEvalKit. Each has
 *       a scorer of its own.
 *   <li>Answers about one picture are correlated, so {@link dev.squint.eval.metric.Bootstrap}
 *       resamples pictures.
 * </ul>
 */
@NullMarked
package dev.squint.eval.metric;

import org.jspecify.annotations.NullMarked;
