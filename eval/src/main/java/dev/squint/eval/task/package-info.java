/**
 * Benchmarks as declarations: a YAML file per benchmark says where its questions are in the
 * official download, what the prompt is and how answers are scored.
 *
 * <p>Start with {@link dev.squint.eval.task.Tasks}, which lists them. {@link
 * dev.squint.eval.task.Task} has the keys of a file, {@link dev.squint.eval.task.TaskReader} reads
 * the data. To add a benchmark, write its file and add its name to {@code Tasks}.
 *
 * <p>Traps:
 *
 * <ul>
 *   <li>A benchmark is distributed in several forms ({@link dev.squint.eval.task.Layout}). The
 *       first one whose files exist is read.
 *   <li>A field can hold one text in one row and an array in another. {@code Row.texts} reads both.
 *   <li>A video can be a folder with its frames.
 * </ul>
 */
@NullMarked
package dev.squint.eval.task;

import org.jspecify.annotations.NullMarked;
