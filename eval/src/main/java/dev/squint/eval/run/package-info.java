/**
 * Runs: every question under every plan. Each answer is written at once, so a killed run can be
 * resumed and gives the same figures.
 *
 * <p>Start with {@link dev.squint.eval.run.Run}. {@link dev.squint.eval.run.AnswerLog} holds the
 * answers, {@link dev.squint.eval.run.RunFile} what is needed to repeat the run.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A run resumes only with the same questions, prompts and model files ({@link
 *       dev.squint.eval.run.Fingerprint}). If {@code Question.toString} or a prompt changes, users
 *       cannot resume their runs.
 *   <li>Of several lines for one question and plan in the log, the last one counts.
 *   <li>Logs have names of older versions too. {@link dev.squint.eval.run.AnswerLine} reads both.
 * </ul>
 */
@NullMarked
package dev.squint.eval.run;

import org.jspecify.annotations.NullMarked;
