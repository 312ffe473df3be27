package dev.squint.llm.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.squint.vision.tile.ImageTilers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A vision-language model in the Hugging Face ONNX layout, found and read but not yet loaded: which
 * file is which graph, and what the configuration files say.
 *
 * <p>Files that a package may leave out read as an empty node. Whatever is wrong with a package is
 * an {@link IllegalArgumentException} of one line that names the file.
 */
public final class ModelPackage {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What Janus's processor calls its special tokens. */
  private static final Map<String, String> TAGS =
      Map.of(
          "image_token", "image_tag", "boi_token", "image_start_tag", "eoi_token", "image_end_tag");

  private final Path folder;
  private final Map<Session, PackageGraphs.Found> graphs;
  private final JsonNode config;
  private final JsonNode preprocessor;
  private final JsonNode processor;
  private final JsonNode generation;
  private final JsonNode tokenizerConfig;
  private final Family family;
  private final @Nullable String forcedFamily;
  private final JsonNode squintConfig;
  private final String chatTemplate;

  private ModelPackage(Path folder, Variants variants, @Nullable String forcedFamily) {
    this.folder = folder;
    this.forcedFamily = forcedFamily;
    this.config = object("config.json", true);
    this.processor = object("processor_config.json", false);
    this.preprocessor =
        ImageProcessorConfig.of(
            this, object("preprocessor_config.json", false), processor, forcedFamily);
    this.generation = object("generation_config.json", false);
    this.tokenizerConfig = object("tokenizer_config.json", false);
    this.family = Family.of(this, forcedFamily);
    if (forcedFamily == null) {
      requireOwnProcessor();
    }
    this.squintConfig = object(TrainedMethods.FILE, false);
    this.chatTemplate = ChatTemplateFile.read(this, processor);
    if (!Files.isRegularFile(tokenizerFile())) {
      throw broken("tokenizer.json", "is missing");
    }
    this.graphs = new PackageGraphs(this).find(variants);
    // A notice that cannot be read is reported when the package is read, not with an answer.
    notice();
    noticeUrl();
  }

  /**
   * Reads a folder, each graph in the form that the package recommends.
   *
   * @throws IllegalArgumentException if it is not a complete package; the message names the file
   */
  public static ModelPackage read(Path folder) {
    return read(folder, Variants.ANY);
  }

  /**
   * Reads a folder.
   *
   * @param variants precision variant of each graph
   * @throws IllegalArgumentException if it is not a complete package; the message names the file
   */
  public static ModelPackage read(Path folder, Variants variants) {
    return read(folder, variants, null);
  }

  /**
   * Reads a folder as a package of a family, whatever {@code model_type} it has.
   *
   * @param variants which form of each graph is wanted
   * @param family a {@code model_type} that Squint knows; null for the package's own
   * @throws IllegalArgumentException if it is not a complete package, and the message names the
   *     file; or if there is no such family
   */
  public static ModelPackage read(Path folder, Variants variants, @Nullable String family) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "no model package at %s: %s; give a folder in the Hugging Face ONNX layout"
              .formatted(folder, Files.exists(folder) ? "not a folder" : "no such folder"));
    }
    return new ModelPackage(folder, variants, family);
  }

  /** Where the package lies. */
  public Path folder() {
    return folder;
  }

  /**
   * The model's name for people: the folder's, or its parent's if the folder has a generic name.
   */
  public String name() {
    Path absolute = folder.toAbsolutePath().normalize();
    Path last = absolute.getFileName();
    Path parent = absolute.getParent();
    if (last == null) {
      return absolute.toString();
    }
    boolean saysNothing = last.toString().equals("package") || last.toString().equals("model");
    return saysNothing && parent != null && parent.getFileName() != null
        ? parent.getFileName().toString()
        : last.toString();
  }

  /**
   * The file of a graph. It is in the cache folder if the package divides the model in another way.
   */
  public Path graph(Session session) {
    return found(session).graph();
  }

  /** The files of the package that a graph is made of; mostly the graph's own. */
  public List<Path> files(Session session) {
    return found(session).files();
  }

  private PackageGraphs.Found found(Session session) {
    PackageGraphs.Found found = graphs.get(session);
    if (found == null) {
      throw new IllegalStateException("a package that was read has all graphs, not " + graphs);
    }
    return found;
  }

  /** The folder of the package's graphs. */
  public Path folderOfGraphs() {
    return new PackageGraphs(this).folder();
  }

  /** The forms in which the package has a graph. */
  public Set<String> forms(Session session) {
    return new PackageGraphs(this).forms(session);
  }

  /** The form of each graph that was found. */
  public Variants variants() {
    Variants found = Variants.ANY;
    for (Session session : graphs.keySet()) {
      String stem = session.stems(config).get(0);
      found = found.with(session, Variants.of(stem, files(session).get(0)));
    }
    return found;
  }

  /** {@code config.json}. */
  public JsonNode config() {
    return config;
  }

  /** {@code preprocessor_config.json}, or the part of {@code processor_config.json} for images. */
  public JsonNode preprocessorConfig() {
    return preprocessor;
  }

  /** {@code generation_config.json}, empty if there is none. */
  public JsonNode generationConfig() {
    return generation;
  }

  /** {@code tokenizer_config.json}, empty if there is none. */
  JsonNode tokenizerConfig() {
    return tokenizerConfig;
  }

  /** {@code squint.json}, what a package has for Squint alone; empty if there is none. */
  public JsonNode squintConfig() {
    return squintConfig;
  }

  /** {@code tokenizer.json}. */
  public Path tokenizerFile() {
    return folder.resolve("tokenizer.json");
  }

  /** The Jinja text that writes a conversation. */
  public String chatTemplate() {
    return chatTemplate;
  }

  /** The model's family, such as {@code idefics3} or {@code llava}. */
  public String modelType() {
    return config.path("model_type").asText("");
  }

  /** That the package was taken for one of another family, if it was. */
  public Optional<String> familyNote() {
    return forcedFamily == null || forcedFamily.equals(modelType())
        ? Optional.empty()
        : Optional.of(
            "taken for a package of the family '%s' as asked; its model_type is '%s'"
                .formatted(forcedFamily, modelType()));
  }

  /** What the models of its family have in common. */
  public Family family() {
    return family;
  }

  /**
   * The class that prepares text and images, such as {@code Idefics3Processor}; empty if none is
   * named.
   */
  public String processorClass() {
    return first(
            text(preprocessor.path("processor_class")),
            text(processor.path("processor_class")),
            text(tokenizerConfig.path("processor_class")))
        .orElse("");
  }

  /**
   * The text of a special token, such as {@code image_token} or {@code eos_token}, from wherever
   * the package names it.
   */
  public Optional<String> specialToken(String name) {
    return first(
        text(tokenizerConfig.path(name)),
        text(tokenizerConfig.path("extra_special_tokens").path(name)),
        text(processor.path(name)),
        text(processor.path(TAGS.getOrDefault(name, name))));
  }

  /** What every reader of an answer must know: {@code squint_note} of {@code config.json}. */
  public Optional<String> note() {
    return text(config.path("squint_note"));
  }

  /** What the model is for and what it cannot do: {@code notice} of {@code squint.json}. */
  public Optional<String> notice() {
    return squintText("notice");
  }

  /** A page with details about it: {@code noticeUrl} of {@code squint.json}. */
  public Optional<String> noticeUrl() {
    Optional<String> url = squintText("noticeUrl");
    if (url.isPresent() && !url.get().matches("https?://\\S+")) {
      throw broken(
          TrainedMethods.FILE,
          "has the noticeUrl '%s'; it must begin with http:// or https://".formatted(url.get()));
    }
    return url;
  }

  /**
   * The file that an entry of {@code squint.json} names, if there is such an entry.
   *
   * @throws IllegalArgumentException if it is missing or outside of the package
   */
  Optional<Path> squintFile(String entry) {
    String file = squintConfig.path(entry).path("file").asText();
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Path path = folder.resolve(file);
    if (!path.normalize().startsWith(folder.normalize()) || !Files.isRegularFile(path)) {
      throw broken(
          TrainedMethods.FILE, "names %s for '%s', which is missing".formatted(file, entry));
    }
    return Optional.of(path);
  }

  private Optional<String> squintText(String name) {
    JsonNode value = squintConfig.path(name);
    if (!value.isMissingNode() && (!value.isTextual() || value.asText().isBlank())) {
      throw broken(
          TrainedMethods.FILE,
          "has the %s %s; it must be a text of at least one character".formatted(name, value));
    }
    return text(value);
  }

  /**
   * The text of a special token that the model cannot do without.
   *
   * @throws IllegalArgumentException if the package does not name it
   */
  public String requiredToken(String name) {
    return specialToken(name)
        .orElseThrow(
            () ->
                broken(
                    "tokenizer_config.json",
                    "has no %s, which models of type %s need".formatted(name, modelType())));
  }

  /** An error of this package, one line that names the file. */
  public IllegalArgumentException broken(String file, String what) {
    return new IllegalArgumentException(
        "broken model package %s: %s %s".formatted(folder, file, what));
  }

  /** A path inside the package as a person would name it. */
  public String relative(Path file) {
    return folder.relativize(file).toString();
  }

  // A token is a string, or an object with the string as its content.
  private static Optional<String> text(JsonNode node) {
    JsonNode value = node.isObject() ? node.path("content") : node;
    return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
  }

  @SafeVarargs
  private static Optional<String> first(Optional<String>... candidates) {
    for (Optional<String> candidate : candidates) {
      if (candidate.isPresent()) {
        return candidate;
      }
    }
    return Optional.empty();
  }

  // An image processor of another family would cut pictures that the prompt cannot hold.
  private void requireOwnProcessor() {
    Optional<String> tiler = ImageTilers.kind(preprocessor);
    if (tiler.isPresent() && !family.takes(tiler.get())) {
      throw broken(
          "preprocessor_config.json",
          "has image_processor_type '%s', which is not one of models of the type '%s'"
              .formatted(preprocessor.path("image_processor_type").asText(), modelType()));
    }
  }

  /**
   * Content of {@code video_preprocessor_config.json} or its replacement; missing if there is none.
   */
  public JsonNode videoConfig() {
    JsonNode own = object("video_preprocessor_config.json", false);
    return own.isMissingNode() ? processor.path("video_processor") : own;
  }

  /** The object that a file of the package holds; missing if the file is and may be. */
  JsonNode object(String file, boolean required) {
    Path path = folder.resolve(file);
    if (!Files.isRegularFile(path)) {
      if (required) {
        throw broken(file, "is missing");
      }
      return MissingNode.getInstance();
    }
    try {
      JsonNode node = JSON.readTree(Files.readAllBytes(path));
      if (!node.isObject()) {
        throw broken(file, "holds no JSON object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw broken(
          file,
          "is not valid JSON, line %d: %s"
              .formatted(
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  e.getOriginalMessage()));
    } catch (IOException e) {
      throw broken(file, "cannot be read: " + e.getMessage());
    }
  }
}
