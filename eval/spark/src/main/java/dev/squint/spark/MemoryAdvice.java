package dev.squint.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/**
 * Advice on {@code spark.executor.memoryOverhead}: weights, activations and the cache of keys and
 * values lie outside of Java's heap.
 */
final class MemoryAdvice {

  // ONNX Runtime holds the weights and, for the fastest layout, a packed copy of part of them;
  // activations of the encoder are a few hundred MiB.
  private static final double WEIGHT_FACTOR = 1.6;
  private static final long ACTIVATIONS_MIB = 400;
  private static final int MIB = 1 << 20;

  private MemoryAdvice() {}

  /**
   * Advice if the model is a folder that the driver sees and the configuration reserves less.
   *
   * @return one line, or nothing
   */
  static Optional<String> of(String model, SparkConf conf) {
    if (model.contains(":") || !Files.isDirectory(Path.of(model))) {
      return Optional.empty();
    }
    long needed = needed(graphBytes(Path.of(model)));
    long reserved =
        conf.contains("spark.executor.memoryOverhead")
            ? conf.getSizeAsMb("spark.executor.memoryOverhead")
            : Math.max(384, conf.getSizeAsMb("spark.executor.memory", "1g") / 10);
    return reserved >= needed
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "An executor needs about %d MiB outside of Java's heap for this model, and %d MiB are reserved; set --conf spark.executor.memoryOverhead=%dm where the cluster manager limits memory.",
                needed,
                reserved,
                needed));
  }

  /** MiB that an executor needs beside the heap for graphs of that size. */
  static long needed(long graphBytes) {
    return (long) (graphBytes * WEIGHT_FACTOR / MIB) + ACTIVATIONS_MIB;
  }

  private static long graphBytes(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().contains(".onnx"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }
}
