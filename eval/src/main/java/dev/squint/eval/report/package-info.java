/**
 * Figures over the answers of a run, and the reports with them.
 *
 * <p>Start with {@link dev.squint.eval.report.Summariser}, which computes {@link
 * dev.squint.eval.report.Figures} from the log. Reports ({@link
 * dev.squint.eval.report.MarkdownReport}, {@link dev.squint.eval.report.CsvReport}, {@link
 * dev.squint.eval.report.HtmlReport}) and exports for other harnesses ({@link
 * dev.squint.eval.report.Export}) only write them.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Plans are compared with the plan {@code none}, so a run without it is refused.
 *   <li>Questions that could not be asked count as wrong.
 *   <li>Figures are the same after a run was resumed. Times are not, so they are a type of their
 *       own ({@link dev.squint.eval.report.Times}).
 * </ul>
 */
@NullMarked
package dev.squint.eval.report;

import org.jspecify.annotations.NullMarked;
