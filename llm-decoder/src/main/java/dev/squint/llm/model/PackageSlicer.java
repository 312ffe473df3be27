package dev.squint.llm.model;

import dev.squint.vision.onnx.quantize.HeadSlicer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Writes a package whose decoder lacks some heads. */
public final class PackageSlicer {

  private PackageSlicer() {}

  /**
   * Writes a new package with the fp32 graphs of another; trained parts stay as they are.
   *
   * @param inactive for each layer of the decoder the heads that return nothing
   * @param to the new folder; it may exist if it is empty
   * @throws IllegalArgumentException if the heads are not the decoder's, its graph follows no known
   *     pattern, or the folder is not empty
   * @throws UncheckedIOException if a file cannot be written
   */
  public static void write(ModelPackage model, List<Set<Integer>> inactive, Path to) {
    List<Session> sessions = List.of(Session.values());
    List<Path> graphs = new ArrayList<>();
    for (Session session : sessions) {
      Path fp32 = model.folderOfGraphs().resolve(session.stem() + ".onnx");
      if (!Files.isRegularFile(fp32)) {
        throw model.broken(
            model.relative(fp32),
            "is missing; heads are sliced in packages with three fp32 graphs: download them with 'squint pull NAME --variant fp32'");
      }
      graphs.add(fp32);
    }
    HeadSlicer.check(graphs.get(sessions.indexOf(Session.DECODER)), inactive);
    Path folder = PackageQuantizer.copyWithoutGraphs(model, to);
    try {
      for (int i = 0; i < graphs.size(); i++) {
        Path copy = folder.resolve(String.valueOf(graphs.get(i).getFileName()));
        if (sessions.get(i) == Session.DECODER) {
          HeadSlicer.write(graphs.get(i), copy, inactive);
        } else {
          copy(graphs.get(i), folder);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + to, e);
    }
  }

  /** Copies a graph and its weights. */
  private static void copy(Path graph, Path folder) throws IOException {
    String name = String.valueOf(graph.getFileName());
    List<Path> files;
    try (Stream<Path> beside = Files.list(graph.resolveSibling(""))) {
      files =
          beside
              .filter(file -> PackageQuantizer.isOfGraph(String.valueOf(file.getFileName()), name))
              .toList();
    }
    for (Path file : files) {
      Files.copy(file, folder.resolve(String.valueOf(file.getFileName())));
    }
  }
}
