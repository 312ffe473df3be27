package dev.squint.eval.bench;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.vision.onnx.OnnxRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Measures whether graphs that are stored as ONNX Runtime optimised them open sooner. */
final class LoadBench {

  private static final String NAME = "optimised.onnx";

  private LoadBench() {}

  /**
   * Opens each graph of a package as it is, and as a stored optimised graph with its weights.
   *
   * @param out the output file; the stored graphs, as large as the package's, lie beside it until
   *     they are measured
   */
  static Section measure(ModelPackage model, int rounds, Path out) {
    Section section =
        new Section(
            "opening graphs",
            "Each graph as it is, and as ONNX Runtime writes it after the optimisations that do not depend on the processor (level EXTENDED), opened without further ones. %d rounds; milliseconds."
                .formatted(rounds));
    for (Session session : Session.values()) {
      Path folder = temporary(out);
      try {
        measure(section, model.graph(session), folder, rounds);
      } finally {
        delete(folder);
      }
    }
    return section;
  }

  private static void measure(Section section, Path graph, Path folder, int rounds) {
    Path stored = folder.resolve(NAME);
    open(graph, OptLevel.EXTENDED_OPT, stored);
    List<Supplier<double[]>> runs =
        List.of(
            () -> open(graph, OptLevel.ALL_OPT, null), () -> open(stored, OptLevel.NO_OPT, null));
    Rounds measured = Rounds.interleaved(rounds, runs);
    section.row(
        "graph", String.valueOf(graph.getFileName()),
        "stored, MB", bytes(folder) / 1e6,
        "as it is", measured.median(0, 0),
        "stored", measured.median(1, 0),
        "ratio", measured.ratio(1, 0, 0),
        "as it is, processors", measured.median(0, 1),
        "stored, processors", measured.median(1, 1),
        "ratio of processors", measured.ratio(1, 0, 1));
  }

  private static double[] open(Path graph, OptLevel level, @Nullable Path store) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.setOptimizationLevel(level);
      if (store != null) {
        options.setOptimizedModelFilePath(store.toString());
        options.addConfigEntry(
            "session.optimized_model_external_initializers_file_name", NAME + "_data");
      }
      Clock start = Clock.now();
      OrtSession session = OnnxRuntime.environment().createSession(graph.toString(), options);
      Clock taken = start.since();
      session.close();
      return new double[] {taken.millis(), taken.processorMillis()};
    } catch (OrtException e) {
      throw new IllegalStateException(
          "%s cannot be opened: %s".formatted(graph.getFileName(), e.getMessage()), e);
    }
  }

  /** A new folder beside a file. */
  static Path temporary(Path out) {
    Path parent = out.toAbsolutePath().getParent();
    try {
      Path folder = parent == null ? out.toAbsolutePath() : Files.createDirectories(parent);
      return Files.createTempDirectory(folder, ".loading");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a folder beside " + out, e);
    }
  }

  private static double bytes(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }
}
