package dev.squint.eval.cli;

import dev.squint.eval.run.DataFinder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that locate the data of benchmarks. */
final class DataOptions {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with the data of the benchmarks: DIR/TASK, or DIR itself for a single benchmark.")
  private @Nullable Path data;

  @Option(
      names = "--split",
      defaultValue = "",
      paramLabel = "S",
      description = "Split of the benchmarks (default: the first split of the task).")
  private String split = "";

  /** Whether there is a folder. */
  boolean isGiven() {
    return data != null;
  }

  /** Creates a finder for the chosen folder and split; the caller closes it. */
  DataFinder finder() {
    return new DataFinder(data, split);
  }
}
