/**
 * Published figures against answers of today: which figures a page shows, and whether a sample of
 * the same questions still gives them.
 *
 * <p>Start with {@link dev.squint.eval.verify.ResultsPage}, which reads the figures of a page, and
 * {@link dev.squint.eval.verify.FigureCheck}, which judges one of them.
 *
 * <p>Trap: a sample cannot confirm a figure, it can only contradict it. The width of its interval
 * says what it would have noticed.
 */
@NullMarked
package dev.squint.eval.verify;

import org.jspecify.annotations.NullMarked;
