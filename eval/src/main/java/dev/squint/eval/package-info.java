/**
 * Evaluates models and pruning plans: accuracy with confidence intervals, kept tokens, times and
 * cache bytes. Each table is written by one command.
 *
 * <p>Start with {@link dev.squint.eval.cli}. The way of one evaluation: {@link
 * dev.squint.eval.task} declares a benchmark, {@link dev.squint.eval.data} holds its questions,
 * {@link dev.squint.eval.run} asks them, {@link dev.squint.eval.metric} scores the answers, {@link
 * dev.squint.eval.report} writes the figures.
 *
 * <p>Trap: a figure belongs to one model, one precision and one data set. Times also belong to one
 * machine. {@code run.json} records all four.
 */
@NullMarked
package dev.squint.eval;

import org.jspecify.annotations.NullMarked;
