package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.pruner.TrainedWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a package holds for methods that were trained with its model; {@code squint.json}. */
public final class TrainedMethods {

  static final String FILE = "squint.json";

  private final Map<String, Entry> methods;

  private TrainedMethods(Map<String, Entry> methods) {
    this.methods = methods;
  }

  /**
   * Reads the weights of all methods that a package names, which may be none.
   *
   * @throws IllegalArgumentException if a file is missing or broken; the message names it
   */
  public static TrainedMethods of(ModelPackage model) {
    Map<String, Entry> methods = new TreeMap<>();
    model
        .squintConfig()
        .path("trained")
        .properties()
        .forEach(
            entry -> methods.put(entry.getKey(), entry(model, entry.getKey(), entry.getValue())));
    return new TrainedMethods(methods);
  }

  private static Entry entry(ModelPackage model, String method, JsonNode about) {
    String file = about.path("file").asText();
    TrainedWeights weights;
    try {
      weights = Safetensors.read(existing(model, method, file));
    } catch (IllegalArgumentException e) {
      throw file.isEmpty() ? e : model.broken(file, String.valueOf(e.getMessage()));
    }
    String decoder = about.path("decoder").asText();
    return new Entry(
        weights,
        decoder.isEmpty() ? Optional.empty() : Optional.of(existing(model, method, decoder)));
  }

  private static Path existing(ModelPackage model, String method, String file) {
    if (file.isEmpty()) {
      throw model.broken(FILE, "names no file for '%s'".formatted(method));
    }
    Path path = model.folder().resolve(file).normalize();
    if (!path.startsWith(model.folder().normalize()) || !Files.isRegularFile(path)) {
      throw model.broken(FILE, "names %s for '%s', which is missing".formatted(file, method));
    }
    return path;
  }

  /** For a package that holds nothing. */
  public static TrainedMethods none() {
    return new TrainedMethods(Map.of());
  }

  /** Names of the methods. */
  public Set<String> names() {
    return methods.keySet();
  }

  /** The weights of a method, if there are some. */
  public Optional<TrainedWeights> weights(String method) {
    return Optional.ofNullable(methods.get(method)).map(Entry::weights);
  }

  /** The decoder that was tuned with a method, if there is one. */
  public Optional<Path> decoder(String method) {
    return Optional.ofNullable(methods.get(method)).flatMap(Entry::decoder);
  }

  private record Entry(TrainedWeights weights, Optional<Path> decoder) {}
}
