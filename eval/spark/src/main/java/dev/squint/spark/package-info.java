/**
 * Squint on Spark: a transformer that answers questions about the pictures of a dataset, and the
 * job behind {@code squint spark}.
 *
 * <p>Start with {@link dev.squint.spark.SquintTransformer}. {@code AskRows} asks row by row inside
 * a task, {@code ExecutorModel} shares one loaded model among the tasks of an executor.
 *
 * <p>Traps: Spark's libraries come before those of an application on the class path, so the code
 * runs with Spark's Jackson and slf4j. A model is never broadcast: each executor loads it from a
 * folder of its node. A row that fails gives a row with an error, never a failed job.
 */
@NullMarked
package dev.squint.spark;

import org.jspecify.annotations.NullMarked;
