package dev.squint.llm.model;

import dev.squint.vision.onnx.graph.GraphAssembly;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds which file of a package is which graph. */
record PackageGraphs(ModelPackage model) {

  /** Side of a tile of Phi-3.5-vision in pixels, and its visual tokens if no file says how many. */
  private static final int HD_EDGE = 336;

  private static final int HD_TOKENS = 144;

  /**
   * A graph of a package.
   *
   * @param graph the file of the graph, in the cache folder if the package divides the model in
   *     another way
   * @param files the files of the package that it is made of
   */
  record Found(Path graph, List<Path> files) {

    Found {
      files = List.copyOf(files);
    }
  }

  /**
   * The file of each graph.
   *
   * @throws IllegalArgumentException if one is missing, and the message lists what there is; or if
   *     the graphs of the package cannot be divided as Squint needs them
   */
  Map<Session, Found> find(Variants variants) {
    Map<Session, Found> found = new EnumMap<>(Session.class);
    for (Session session : Session.values()) {
      List<Path> files =
          session.stems(model.config()).stream()
              .map(
                  stem ->
                      file(
                          stem,
                          variants.order(session, stem, model.config()),
                          variants.of(session)))
              .toList();
      found.put(session, new Found(graph(session, files), files));
    }
    return found;
  }

  /** The forms that the package has of all files of a session. */
  Set<String> forms(Session session) {
    Set<String> forms = new LinkedHashSet<>();
    Set<Path> known = new LinkedHashSet<>();
    for (String variant : Variants.names()) {
      List<Path> files =
          session.stems(model.config()).stream().map(stem -> place(stem, variant)).toList();
      // Two names stand for the same file.
      if (files.stream().allMatch(Files::isRegularFile) && known.add(files.get(0))) {
        forms.add(variant);
      }
    }
    return forms;
  }

  /** The folder of the package's graphs. */
  Path folder() {
    Path inside = model.folder().resolve("onnx");
    return Files.isDirectory(inside) ? inside : model.folder();
  }

  private Path place(String stem, String variant) {
    return folder().resolve(stem + Variants.suffix(variant) + ".onnx");
  }

  private Path graph(Session session, List<Path> files) {
    List<String> stems = session.stems(model.config());
    Path first = files.get(0);
    boolean joins = model.family().pictures() == Family.Pictures.HD;
    if (joins ? session == Session.DECODER : stems.get(0).equals(session.stem())) {
      return first;
    }
    String name =
        session.stem() + String.valueOf(first.getFileName()).substring(stems.get(0).length());
    GraphAssembly assembly = new GraphAssembly(GraphCache.ofUser());
    try {
      if (joins) {
        return session == Session.EMBED_TOKENS
            ? assembly.withEmpty(first, GraphKind.VISION_ENCODER.result(), name)
            : assembly.tileByTile(first, HD_EDGE, tokensInRow(), name);
      }
      return switch (session) {
        case VISION_ENCODER ->
            assembly.part(
                first, GraphKind.VISION_ENCODER.source(), GraphKind.VISION_ENCODER.result(), name);
        case EMBED_TOKENS -> assembly.part(first, "input_ids", GraphKind.DECODER.source(), name);
        case DECODER -> assembly.joined(first, files.get(1), name);
      };
    } catch (IllegalArgumentException e) {
      throw model.broken(model.relative(first), "cannot be used: " + e.getMessage());
    }
  }

  /** Visual tokens in a row of a tile; tiles are squares. */
  private int tokensInRow() {
    int tokens = model.preprocessorConfig().path("num_img_tokens").asInt(HD_TOKENS);
    int side = (int) Math.round(Math.sqrt(tokens));
    if (tokens < 1 || side * side != tokens) {
      throw model.broken(
          "preprocessor_config.json",
          "has num_img_tokens %d; it must be a square, as tiles are".formatted(tokens));
    }
    return side;
  }

  private Path file(String stem, List<String> order, @Nullable String wanted) {
    for (String variant : order) {
      Path file = place(stem, variant);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    List<String> forms =
        Variants.names().stream()
            .filter(variant -> Files.isRegularFile(place(stem, variant)))
            .toList();
    if (wanted != null && !forms.isEmpty()) {
      throw new IllegalArgumentException(
          "the model package %s has no form '%s' of %s; it has %s, choose one of them as variant"
              .formatted(model.name(), wanted, stem, String.join(", ", forms)));
    }
    String file =
        model.relative(folder().resolve(stem))
            + (wanted == null ? "" : Variants.suffix(wanted))
            + ".onnx";
    if (Files.isRegularFile(model.folder().resolve("genai_config.json"))) {
      throw model.broken(
          file, "is missing; this is an onnxruntime-genai package, which Squint does not read");
    }
    throw model.broken(file, "is missing; there are " + onnxFiles());
  }

  private Set<String> onnxFiles() {
    Set<String> names = new TreeSet<>();
    try (var files = Files.newDirectoryStream(folder(), "*.onnx")) {
      files.forEach(file -> names.add(model.relative(file)));
    } catch (IOException e) {
      throw model.broken(model.relative(folder()), "cannot be listed: " + e.getMessage());
    }
    return names;
  }
}
