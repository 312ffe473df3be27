/**
 * Checked questions, their queue, the decoding of their files, and the figures of answers.
 *
 * <p>Start with {@link dev.squint.webapp.answering.AnswerQueue}. A {@link
 * dev.squint.webapp.answering.QuestionRequest} is complete and checked; {@code AnswerJob} decodes
 * its files and answers it; {@code AnswerScheduler} decides which job runs next.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>Limits are checked before anything is decoded, so a check reads headers only.
 *   <li>A client can leave at any time. Each step asks whether its question is still wanted.
 *   <li>{@code FairQueue}, {@code ClientTurns} and {@code ClientCounts} are not thread-safe; the
 *       lock of {@code AnswerScheduler} guards them.
 * </ul>
 */
@NullMarked
package dev.squint.webapp.answering;

import org.jspecify.annotations.NullMarked;
