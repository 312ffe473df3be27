package dev.squint.vision.onnx.graph;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.io.FileHashes;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.StringStringEntryProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Makes graphs out of those of packages that divide a model in another way: a part of a graph, two
 * graphs joined, or an encoder of whole pictures as one of tiles. Results are stored in the cache
 * folder by the content of the files. Weights in separate files are linked there, or copied where a
 * link is not possible; the size and time of these files are part of the key, as reading gigabytes
 * at each start would take long.
 *
 * @param cache the cache folder
 */
public record GraphAssembly(GraphCache cache) {

  /** Part of the cache key. Change it whenever the same files give another graph. */
  private static final String VERSION = "2";

  /**
   * The part of a graph that computes, from one of its inputs alone, what it mixes with the others.
   *
   * @param input the only input of the part
   * @param output the name of its only output
   * @param name the name of the new file
   * @throws IllegalArgumentException if the graph cannot be divided like this; the message says why
   * @throws UncheckedIOException if the cache cannot be written
   */
  public Path part(Path file, String input, String output, String name) {
    return changed(file, input + " " + output, name, graph -> GraphPart.of(graph, input, output));
  }

  /**
   * An encoder that takes one picture with all its crops and gives what stands for it in the prompt
   * ({@code pixel_values} and {@code image_sizes}, Phi-3.5-vision), as one that takes tiles, [T, 3,
   * H, W], and gives the features of each, [T, tokens, D].
   *
   * @param edge side of a tile in pixels
   * @param side visual tokens in a row of a tile
   * @param name the name of the new file
   * @throws IllegalArgumentException if the graph is not such an encoder; the message says why
   * @throws UncheckedIOException if the cache cannot be written
   */
  public Path tileByTile(Path file, int edge, int side, String name) {
    String how = "tiles %d %d".formatted(edge, side);
    return changed(file, how, name, graph -> TiledGraph.of(graph, edge, side));
  }

  /**
   * The graph in which an input of the shape [N, D] has no rows.
   *
   * @param name the name of the new file
   * @throws IllegalArgumentException if there is no such input; the message says what there is
   * @throws UncheckedIOException if the cache cannot be written
   */
  public Path withEmpty(Path file, String input, String name) {
    return changed(file, "empty " + input, name, graph -> EmptyInput.of(graph, input));
  }

  private Path changed(Path file, String how, String name, UnaryOperator<GraphProto> change) {
    OnnxModel model = OnnxModel.read(file);
    Path made = folder(how, model).resolve(name);
    if (!Files.isRegularFile(made)) {
      try {
        write(model.proto().toBuilder().setGraph(change.apply(model.graph())).build(), file, made);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(model.name() + ": " + e.getMessage(), e);
      }
    }
    return made;
  }

  /**
   * Two graphs as one: the second takes what the first returns under the same name.
   *
   * @param name the name of the new file
   * @throws IllegalArgumentException if they do not fit; the message says why
   * @throws UncheckedIOException if the cache cannot be written
   */
  public Path joined(Path first, Path second, String name) {
    OnnxModel one = OnnxModel.read(first);
    OnnxModel two = OnnxModel.read(second);
    Path made = folder("joined", one, two).resolve(name);
    if (!Files.isRegularFile(made)) {
      write(JoinedGraph.of(one, two), first, made);
    }
    return made;
  }

  private Path folder(String how, OnnxModel... models) {
    StringBuilder key = new StringBuilder(VERSION).append(' ').append(how);
    try {
      for (OnnxModel model : models) {
        key.append(' ').append(FileHashes.of(model.file()));
        for (String location : locations(model.graph())) {
          key.append(' ').append(state(model.file().resolveSibling(location)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + models[0].file(), e);
    }
    return cache
        .folder()
        .resolve("graphs")
        .resolve(ContentHash.of(key.toString()).substring(0, 32));
  }

  /** Size and time of a file of weights; a missing one is reported when it is linked. */
  private static String state(Path weights) throws IOException {
    return Files.isRegularFile(weights)
        ? Files.size(weights) + "@" + Files.getLastModifiedTime(weights).to(TimeUnit.NANOSECONDS)
        : "none";
  }

  private static void write(ModelProto model, Path source, Path made) {
    Path folder = Objects.requireNonNull(made.getParent());
    String name = String.valueOf(made.getFileName());
    GraphProto graph = model.getGraph();
    for (String location : locations(graph)) {
      link(source.resolveSibling(location), folder.resolve(location));
    }
    Weights weights = Weights.of(graph);
    String data = name + "_squint";
    if (weights.size() > 0) {
      GraphCache.put(folder, data, weights::write);
      graph = weights.movedTo(data, graph);
    }
    ModelProto whole = model.toBuilder().setGraph(graph).build();
    GraphCache.put(folder, name, channel -> GraphRewriter.write(whole, channel));
  }

  private static Set<String> locations(GraphProto graph) {
    Set<String> locations = new TreeSet<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      for (StringStringEntryProto entry : tensor.getExternalDataList()) {
        if (entry.getKey().equals("location")) {
          locations.add(entry.getValue());
        }
      }
    }
    return locations;
  }

  private static void link(Path from, Path to) {
    try {
      Files.createDirectories(Objects.requireNonNull(to.getParent()));
      if (Files.isRegularFile(to) && Files.size(to) == Files.size(from)) {
        return;
      }
      Files.deleteIfExists(to);
      try {
        Files.createLink(to, from.toRealPath());
      } catch (FileAlreadyExistsException made) {
        // Another process has made it meanwhile.
      } catch (IOException | UnsupportedOperationException impossible) {
        Files.copy(from, to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot make %s from %s; choose another folder with -Dsquint.cache".formatted(to, from),
          e);
    }
  }
}
