package dev.squint.spark;

import org.apache.spark.SparkEnv;

/** Threads of ONNX Runtime: a task has {@code spark.task.cpus} cores. */
final class ModelThreads {

  private ModelThreads() {}

  /** The cores of a task in this JVM. */
  static int ofTask() {
    return SparkEnv.get().conf().getInt("spark.task.cpus", 1);
  }
}
