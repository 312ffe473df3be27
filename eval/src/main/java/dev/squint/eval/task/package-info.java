/**
 * Benchmarks as declarations: each is a YAML file that says where its questions stand in the
 * official download, how they are asked and how answers count. {@link dev.squint.eval.task.Tasks}
 * lists them, {@link dev.squint.eval.task.TaskReader} reads their data.
 */
@NullMarked
package dev.squint.eval.task;

import org.jspecify.annotations.NullMarked;
