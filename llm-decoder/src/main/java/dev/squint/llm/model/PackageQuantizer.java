package dev.squint.llm.model;

import dev.squint.vision.onnx.quantize.GraphQuantizer;
import dev.squint.vision.onnx.quantize.QuantizedForm;
import dev.squint.vision.onnx.quantize.QuantizedGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes 8-bit and 4-bit forms of a package's graphs, into the package or into a new one. */
public final class PackageQuantizer {

  private PackageQuantizer() {}

  /**
   * Writes one form of a graph into the folder of the package's graphs, where {@link Variants}
   * finds it.
   *
   * @throws IllegalArgumentException if the package has no fp32 form of this graph
   * @throws UncheckedIOException if the graph cannot be written
   */
  public static QuantizedGraph write(ModelPackage model, Session session, QuantizedForm form) {
    return write(model, session, form, model.folderOfGraphs());
  }

  /**
   * Writes one form of a graph into a folder.
   *
   * @param folder the folder of the new graph, which exists
   * @throws IllegalArgumentException if the package has no fp32 form of this graph
   * @throws UncheckedIOException if the graph cannot be written
   */
  public static QuantizedGraph write(
      ModelPackage model, Session session, QuantizedForm form, Path folder) {
    if (!session.stems(model.config()).equals(List.of(session.stem()))) {
      throw model.broken(
          model.relative(model.files(session).get(0)),
          "is not a %s alone, and Squint quantizes no graphs of packages that are divided like this; download another form with 'squint pull NAME --variant FORM'"
              .formatted(session.stem()));
    }
    Path fp32 = model.folderOfGraphs().resolve(session.stem() + ".onnx");
    if (!Files.isRegularFile(fp32)) {
      throw model.broken(
          model.relative(fp32),
          "is missing; only fp32 graphs can be quantized: download them with 'squint pull NAME --variant fp32'");
    }
    return GraphQuantizer.write(fp32, folder.resolve(name(session, form)), form);
  }

  /** Writes those of the chosen forms that Squint can write and that the package does not have. */
  public static void complete(Path folder, Variants variants) {
    for (Map.Entry<Session, String> chosen : variants.chosen().entrySet()) {
      for (QuantizedForm form : QuantizedForm.values()) {
        if (form.variant().equals(chosen.getValue())) {
          ModelPackage model = ModelPackage.read(folder);
          if (!exists(model, chosen.getKey(), form)) {
            write(model, chosen.getKey(), form);
          }
        }
      }
    }
  }

  /**
   * Copies a package without its graphs.
   *
   * @param to the new folder; it may exist if it is empty
   * @return the folder for its graphs
   * @throws IllegalArgumentException if the new folder is not empty
   * @throws UncheckedIOException if a file cannot be copied
   */
  public static Path copyWithoutGraphs(ModelPackage model, Path to) {
    Path from = model.folder();
    try {
      Files.createDirectories(to);
      try (Stream<Path> there = Files.list(to)) {
        if (there.findAny().isPresent()) {
          throw new IllegalArgumentException(
              to + " is not empty; choose another folder for the new package");
        }
      }
      List<Path> files;
      try (Stream<Path> all = Files.walk(from)) {
        // A new folder inside of the package is not copied into itself.
        files = all.filter(file -> !file.toAbsolutePath().startsWith(to.toAbsolutePath())).toList();
      }
      for (Path file : files) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (!isGraph(file)) {
          Files.copy(file, copy);
        }
      }
      return to.resolve(from.relativize(model.folderOfGraphs()).toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy %s to %s".formatted(from, to), e);
    }
  }

  /** Whether the graph exists in this form. */
  public static boolean exists(ModelPackage model, Session session, QuantizedForm form) {
    return Files.exists(model.folderOfGraphs().resolve(name(session, form)));
  }

  /** Whether a file is a graph of a session in some form, or its weights. */
  private static boolean isGraph(Path file) {
    String name = String.valueOf(file.getFileName());
    return Arrays.stream(Session.values())
        .flatMap(
            session ->
                Variants.names().stream()
                    .map(variant -> session.stem() + Variants.suffix(variant) + ".onnx"))
        .anyMatch(graph -> isOfGraph(name, graph));
  }

  /** Whether a file is the one of a graph, or holds its weights. */
  static boolean isOfGraph(String file, String graph) {
    return file.equals(graph) || file.startsWith(graph + "_data") || file.equals(graph + ".data");
  }

  private static String name(Session session, QuantizedForm form) {
    return session.stem() + Variants.suffix(form.variant()) + ".onnx";
  }
}
