package dev.squint.llm.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which files of a package its loader reads: configuration, and one variant of each graph. */
final class NeededFiles {

  private static final Pattern CONFIGURATION =
      Pattern.compile(
          "[^/]+_config\\.json|config\\.json|tokenizer\\.json|chat_template\\.(json|jinja)"
              + "|special_tokens_map\\.json|added_tokens\\.json|squint\\.json");

  private NeededFiles() {}

  /** The configuration files. */
  static List<HubFile> configuration(Listing listing) {
    return listing.files().stream()
        .filter(file -> CONFIGURATION.matcher(file.path()).matches())
        .toList();
  }

  /**
   * The graphs and the files with their weights.
   *
   * @param config the package's {@code config.json}
   * @throws IllegalArgumentException if the package lacks a graph; the message lists its graphs
   */
  static List<HubFile> graphs(
      Listing listing, JsonNode config, Variants variants, RepositoryName name) {
    List<HubFile> needed = new ArrayList<>();
    String folder =
        listing.files().stream().anyMatch(file -> file.path().startsWith("onnx/")) ? "onnx/" : "";
    for (Session session : Session.values()) {
      for (String part : session.stems(config)) {
        List<String> stems =
            variants.order(session, part, config).stream()
                .map(variant -> folder + part + Variants.suffix(variant))
                .toList();
        String stem =
            stems.stream()
                .filter(each -> listing.file(each + ".onnx").isPresent())
                .findFirst()
                .orElseThrow(() -> missing(listing, name, stems.get(0)));
        needed.addAll(graph(listing, stem));
      }
    }
    return needed.stream().distinct().toList();
  }

  private static List<HubFile> graph(Listing listing, String stem) {
    String graph = Pattern.quote(stem) + "\\.onnx([._]data.*)?";
    return listing.files().stream().filter(file -> file.path().matches(graph)).toList();
  }

  /**
   * The files that a package's {@code squint.json} names: weights of methods, decoders that were
   * tuned with them, the domain and the line break.
   *
   * @param squint the content of {@code squint.json}; a missing node if there is none
   * @throws IllegalArgumentException if the package lacks one of them
   */
  static List<HubFile> named(Listing listing, JsonNode squint, RepositoryName name) {
    List<HubFile> needed = new ArrayList<>();
    for (String key : List.of("file", "decoder")) {
      for (JsonNode value : squint.findValues(key)) {
        String path = value.asText();
        List<HubFile> found =
            path.endsWith(".onnx")
                ? graph(listing, path.substring(0, path.length() - ".onnx".length()))
                : listing.file(path).stream().toList();
        if (found.isEmpty()) {
          throw new IllegalArgumentException(
              "%s has no %s, which its squint.json names".formatted(name, path));
        }
        needed.addAll(found);
      }
    }
    return needed.stream().distinct().toList();
  }

  private static IllegalArgumentException missing(
      Listing listing, RepositoryName name, String stem) {
    TreeSet<String> graphs = new TreeSet<>();
    listing.files().stream()
        .map(HubFile::path)
        .filter(path -> path.endsWith(".onnx"))
        .forEach(graphs::add);
    return new IllegalArgumentException(
        "%s has no %s.onnx; %s"
            .formatted(
                name,
                stem,
                graphs.isEmpty() ? "it has no ONNX graphs at all" : "its graphs are " + graphs));
  }
}
