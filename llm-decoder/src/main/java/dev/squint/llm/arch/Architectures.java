package dev.squint.llm.arch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.model.PackageQuantizer;
import dev.squint.llm.model.Variants;
import dev.squint.vision.io.ContentHash;
import dev.squint.vision.onnx.graph.GraphCache;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Packages that are written on first use: layers, heads, sizes, vocabulary and tiles of a
 * well-known model, weights at random. They measure speed and nothing else; their names end in
 * {@code random-weights}, so that every output shows it.
 *
 * <p>A description is a resource {@code NAME.json} with the package's configuration files; the
 * graphs follow from its {@code config}. A description that misses a part has it from the one named
 * in {@code like}.
 */
public final class Architectures {

  /** What names begin with where a model may also be a folder: {@code arch:smolvlm-256m}. */
  public static final String PREFIX = "arch:";

  private static final List<String> NAMES =
      List.of("smolvlm-256m", "smolvlm-500m", "llava-onevision-0.5b");

  /** Must change whenever the same description gives other files. */
  private static final String VERSION = "1";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Consumer<String> progress;

  /**
   * Makes packages in a cache.
   *
   * @param progress receives a message when a package has to be written
   */
  public Architectures(GraphCache cache, Consumer<String> progress) {
    this.folder = cache.folder().resolve("arch");
    this.progress = progress;
  }

  /** What there is, without {@link #PREFIX}. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * The folder of a package, which is made first if it is not there.
   *
   * @param name with or without {@link #PREFIX}
   * @throws IllegalArgumentException if there is no such architecture; the message lists them
   * @throws UncheckedIOException if it cannot be written
   */
  public Path folder(String name) {
    String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    if (!NAMES.contains(plain)) {
      throw new IllegalArgumentException(
          "no architecture is called '%s'; there are %s"
              .formatted(plain, NAMES.stream().map(PREFIX::concat).toList()));
    }
    return folder(plain, description(plain));
  }

  /**
   * The folder of a package that has these forms of its graphs: 8-bit and 4-bit forms are written
   * first if they are missing.
   *
   * @throws IllegalArgumentException if there is no such architecture; the message lists them
   * @throws UncheckedIOException if it cannot be written
   */
  public Path folder(String name, Variants variants) {
    Path made = folder(name);
    PackageQuantizer.complete(made, variants);
    return made;
  }

  /** As {@link #folder(String)}, from a description. */
  Path folder(String name, ObjectNode description) {
    Path place = folder.resolve(hash(description));
    Path made = place.resolve(name + "-random-weights");
    if (!Files.isDirectory(made)) {
      progress.accept(
          "Making %s%s with random weights, for speed only, in %s".formatted(PREFIX, name, place));
      make(description, place, made.getFileName().toString());
    }
    return made;
  }

  /** The configuration files of an architecture, by name. */
  static ObjectNode description(String name) {
    try (InputStream in = Architectures.class.getResourceAsStream(name + ".json")) {
      ObjectNode parts = (ObjectNode) JSON.readTree(Objects.requireNonNull(in));
      JsonNode like = parts.remove("like");
      return like == null ? parts : description(like.textValue()).setAll(parts);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the architecture " + name, e);
    }
  }

  private static String hash(ObjectNode description) {
    try {
      return new ContentHash()
          .with(JSON.writeValueAsBytes(VERSION))
          .with(JSON.writeValueAsBytes(description))
          .hex()
          .substring(0, 16);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the description as JSON", e);
    }
  }

  // Written under another name and then moved: two processes at once, or one killed, do no harm.
  private static void make(ObjectNode description, Path place, String name) {
    try {
      Files.createDirectories(Objects.requireNonNull(place.getParent()));
      Path unfinished = Files.createTempDirectory(place.getParent(), "unfinished");
      try {
        write(description, Files.createDirectory(unfinished.resolve(name)));
        Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        if (!Files.isDirectory(place.resolve(name))) {
          throw e;
        } // Else another process was faster.
      } finally {
        delete(unfinished);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write %s; set another folder with -Dsquint.cache".formatted(place), e);
    }
  }

  private static void write(ObjectNode description, Path into) throws IOException {
    for (Map.Entry<String, JsonNode> part : description.properties()) {
      if (part.getValue().isTextual()) {
        Files.writeString(into.resolve(part.getKey()), part.getValue().textValue());
      } else {
        JSON.writerWithDefaultPrettyPrinter()
            .writeValue(into.resolve(part.getKey()).toFile(), part.getValue());
      }
    }
    JsonNode config = description.required("config.json");
    JsonNode text = config.required("text_config");
    JsonNode special = description.required("added_tokens.json");
    JSON.writeValue(
        into.resolve("tokenizer.json").toFile(),
        FillerTokenizer.of(special, text.required("vocab_size").intValue()));
    Path graphs = Files.createDirectory(into.resolve("onnx"));
    DecoderGraph.writeEmbeddings(graphs.resolve("embed_tokens.onnx"), text);
    DecoderGraph.write(graphs.resolve("decoder_model_merged.onnx"), text);
    VisionGraph.write(graphs.resolve("vision_encoder.onnx"), config);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
