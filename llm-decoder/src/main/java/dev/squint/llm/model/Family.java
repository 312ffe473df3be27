package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Properties that the models of one family share and no file of a package holds. The resource
 * {@code families.json} has one entry for each {@code model_type}.
 *
 * @param pictures how a picture is written into the prompt
 * @param clips how a video is written into the prompt
 * @param firstPosition position id of the first token, for graphs that take position ids
 * @param mrope whether time, height and width are counted apart
 * @param chatTemplate the Jinja text for packages that have none
 * @param beginsItself whether the template writes the token that begins a text, so that the
 *     tokenizer must not
 * @param placeholder role of the special token that the template writes for a picture
 */
public record Family(
    Pictures pictures,
    Clips clips,
    int firstPosition,
    boolean mrope,
    Optional<String> chatTemplate,
    boolean beginsItself,
    String placeholder) {

  /** The same with positions counted from 0, as graphs do that take none. */
  public Family countingFromZero() {
    return new Family(pictures, clips, 0, mrope, chatTemplate, beginsItself, placeholder);
  }

  /** Ways to write a picture into the prompt. */
  public enum Pictures {
    /** One placeholder for each visual token. */
    PLAIN,
    /** Each crop announced by row and column, the global view last (Idefics3). */
    ROWS,
    /** The global view, then all crops as one picture, a line break vector after each row. */
    ANY_RES,
    /** Each view between a begin and an end token, crops introduced in words (Gemma 3). */
    FRAMED
  }

  /** Ways to write a video into the prompt. */
  public enum Clips {
    /** Its frames as pictures, one after the other. */
    FRAMES,
    /** In words how many frames of how long a video, and before each frame its time (SmolVLM2). */
    ANNOUNCED,
    /** As a video, before each pair of frames its time, as {@code <1.5 seconds>} (Qwen3-VL). */
    TIMED,
    /** As a video, pairs of frames one after the other (Qwen2-VL, Qwen2.5-VL). */
    PAIRED,
    /** As a video, frames of a quarter of their tokens, one line break at the end. */
    POOLED
  }

  /**
   * The family of a package: by {@code model_type}, else by the processor that it names.
   *
   * @throws IllegalArgumentException if Squint knows neither; the message lists what it knows
   */
  static Family of(ModelPackage model) {
    JsonNode families = families();
    JsonNode found = families.path(model.modelType());
    if (found.isMissingNode()) {
      found = ofProcessor(families, model.processorClass());
    }
    if (found.isMissingNode()) {
      TreeSet<String> types = new TreeSet<>();
      families.fieldNames().forEachRemaining(types::add);
      throw model.broken(
          "config.json",
          "has the model_type '%s' and the processor_class is '%s'; Squint knows %s"
              .formatted(model.modelType(), model.processorClass(), types));
    }
    return new Family(
        Pictures.valueOf(
            found.get("pictures").textValue().toUpperCase(Locale.ROOT).replace('-', '_')),
        Clips.valueOf(found.path("clips").asText("frames").toUpperCase(Locale.ROOT)),
        found.path("firstPosition").asInt(0),
        found.path("mrope").asBoolean(false),
        Optional.ofNullable(found.path("chatTemplate").textValue()),
        found.path("beginsItself").asBoolean(false),
        found.path("placeholder").asText("image_token"));
  }

  private static JsonNode ofProcessor(JsonNode families, String processor) {
    for (Map.Entry<String, JsonNode> family : families.properties()) {
      for (JsonNode name : family.getValue().path("processors")) {
        if (name.textValue().equals(processor)) {
          return family.getValue();
        }
      }
    }
    return families.path("");
  }

  private static JsonNode families() {
    try (InputStream in = Family.class.getResourceAsStream("families.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
