/**
 * Benchmarks as declarations: a YAML file per benchmark says where its questions are in the
 * official download, what the prompt is and how answers are scored. {@link
 * dev.squint.eval.task.Tasks} lists them, {@link dev.squint.eval.task.TaskReader} reads their data.
 */
@NullMarked
package dev.squint.eval.task;

import org.jspecify.annotations.NullMarked;
