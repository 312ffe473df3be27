/**
 * Data sets: questions with right answers, and the readers of their files. A data set is a folder,
 * or a zip that is read like a folder.
 *
 * <p>Start with {@link dev.squint.eval.data.DataSet} and {@link dev.squint.eval.data.Question}.
 * {@link dev.squint.eval.data.QuestionFiles} reads Squint's own format. Benchmarks are read by
 * {@link dev.squint.eval.task}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A question holds names of pictures. {@link dev.squint.eval.data.PictureStore} reads the
 *       pixels when the question is asked.
 *   <li>Pictures of a zip can be read only while its {@link dev.squint.eval.data.DataFolder} is
 *       open.
 *   <li>An unknown key of a question is refused. Otherwise a typing error would leave a question
 *       without its picture.
 * </ul>
 */
@NullMarked
package dev.squint.eval.data;

import org.jspecify.annotations.NullMarked;
