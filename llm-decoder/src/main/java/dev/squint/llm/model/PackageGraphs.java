package dev.squint.llm.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds which file of a package is which graph. */
record PackageGraphs(ModelPackage model) {

  /**
   * The file of each graph.
   *
   * @throws IllegalArgumentException if one is missing; the message lists what there is
   */
  Map<Session, Path> find(Variants variants) {
    Path inside = model.folder().resolve("onnx");
    Path place = Files.isDirectory(inside) ? inside : model.folder();
    Map<Session, Path> found = new EnumMap<>(Session.class);
    for (Session session : Session.values()) {
      found.put(
          session,
          graph(place, session, variants.order(session, model.config()), variants.of(session)));
    }
    return found;
  }

  private Path graph(Path place, Session session, List<String> order, @Nullable String wanted) {
    for (String variant : order) {
      Path file = place.resolve(session.stem() + Variants.suffix(variant) + ".onnx");
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    List<String> forms =
        Variants.names().stream()
            .filter(
                variant ->
                    Files.isRegularFile(
                        place.resolve(session.stem() + Variants.suffix(variant) + ".onnx")))
            .toList();
    if (wanted != null && !forms.isEmpty()) {
      throw new IllegalArgumentException(
          "the model package %s has no form '%s' of %s; it has %s, choose one of them as variant"
              .formatted(model.name(), wanted, session.stem(), String.join(", ", forms)));
    }
    String file =
        model.relative(place.resolve(session.stem()))
            + (wanted == null ? "" : Variants.suffix(wanted))
            + ".onnx";
    if (Files.isRegularFile(model.folder().resolve("genai_config.json"))) {
      throw model.broken(
          file, "is missing; this is an onnxruntime-genai package, which Squint does not read");
    }
    throw model.broken(file, "is missing; there are " + onnxFiles(place));
  }

  private Set<String> onnxFiles(Path place) {
    Set<String> names = new TreeSet<>();
    try (var files = Files.newDirectoryStream(place, "*.onnx")) {
      files.forEach(file -> names.add(model.relative(file)));
    } catch (IOException e) {
      throw model.broken(model.relative(place), "cannot be listed: " + e.getMessage());
    }
    return names;
  }
}
