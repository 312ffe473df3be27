/**
 * Speed benchmarks of a model. All compared settings run in turn in the same process, round by
 * round, so that other load on the machine affects all of them equally. Figures are medians over
 * the rounds; ratios are medians of the ratios per round.
 *
 * <p>Start with {@link dev.squint.eval.bench.Benchmark}, which runs the parts. Each part is one
 * class ({@code PlanBench}, {@code CacheBench}, ...) and gives one {@code Section} of the {@link
 * dev.squint.eval.bench.Report}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>On a machine with other load only processor time is reproducible. {@code Clock} measures it
 *       and wall-clock time.
 *   <li>Settings of memory and threads change the whole process, so each is measured in a process
 *       of its own ({@link dev.squint.eval.bench.Setting}).
 *   <li>Prompts are random and many packages have random weights. Nothing here says how good an
 *       answer is.
 * </ul>
 */
@NullMarked
package dev.squint.eval.bench;

import org.jspecify.annotations.NullMarked;
