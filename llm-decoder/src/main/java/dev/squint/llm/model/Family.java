package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
 * @param open special tokens that users may write and answers keep, such as locations in a picture
 * @param imageToken the placeholder of a visual token, for packages that name none
 * @param inPieces whether the texts between pictures are encoded one by one, each as if it were a
 *     whole text
 */
public record Family(
    Pictures pictures,
    Clips clips,
    int firstPosition,
    boolean mrope,
    Optional<String> chatTemplate,
    boolean beginsItself,
    String placeholder,
    Optional<Pattern> open,
    Optional<String> imageToken,
    boolean inPieces) {

  private static final Set<Pictures> OF_OTHER_TILERS =
      Set.of(Pictures.ROWS, Pictures.ROW_BREAKS, Pictures.OWN_SIZE, Pictures.PLACED, Pictures.HD);

  /** The same with positions counted from 0, as graphs do that take none. */
  public Family countingFromZero() {
    return new Family(
        pictures,
        clips,
        0,
        mrope,
        chatTemplate,
        beginsItself,
        placeholder,
        open,
        imageToken,
        inPieces);
  }

  /** Whether a special token is one that users may write and answers keep. */
  public boolean keeps(String token) {
    return open.isPresent() && open.get().matcher(token).matches();
  }

  /** Whether pictures that are cut by a kind of tiler can be written as this family does. */
  boolean takes(String tiler) {
    return switch (tiler) {
      case "longest-edge" -> pictures == Pictures.ENCLOSED;
      case "single" -> !mrope && !OF_OTHER_TILERS.contains(pictures);
      case "idefics3" -> pictures == Pictures.ROWS;
      case "any-res" -> pictures == Pictures.ANY_RES || pictures == Pictures.ANY_RES_WHOLE;
      case "hd" -> pictures == Pictures.HD;
      case "closest-aspect" -> pictures == Pictures.ENCLOSED;
      case "pan-and-scan" -> pictures == Pictures.FRAMED;
      case "sheets" -> pictures == Pictures.PLACED;
      case "token-budget" -> pictures == Pictures.ENCLOSED;
      case "smart-resize" -> mrope;
      case "whole-tokens" -> pictures == Pictures.ROW_BREAKS || pictures == Pictures.OWN_SIZE;
      default -> false;
    };
  }

  /** Ways to write a picture into the prompt. */
  public enum Pictures {
    /** One placeholder for each visual token. */
    PLAIN,
    /** Each crop announced by row and column, the global view last (Idefics3). */
    ROWS,
    /** The global view, then all crops as one picture, a line break vector after each row. */
    ANY_RES,
    /** The same, however many tokens the crops have (LLaVA-NeXT). */
    ANY_RES_WHOLE,
    /**
     * All crops as one picture, a separator, the global view; a vector after each row (Phi-3.5).
     */
    HD,
    /** All tiles together between a begin and an end token (InternVL, Janus, Gemma 4). */
    ENCLOSED,
    /** Like ENCLOSED, each crop announced by row and column, the whole picture last (LFM2-VL). */
    PLACED,
    /** One tile, a break token after each row of it, an end token after the last (Pixtral). */
    ROW_BREAKS,
    /** One placeholder for each visual token of a picture in about its own size (LightOnOCR). */
    OWN_SIZE,
    /** Each view between a begin and an end token, crops introduced in words (Gemma 3). */
    FRAMED,
    /** The encoder's token of the whole picture, then one placeholder for each (Florence-2). */
    SUMMARISED
  }

  /** Ways to write a video into the prompt. */
  public enum Clips {
    /** Its frames as pictures, one after the other. */
    FRAMES,
    /** In words how many frames of how long a video, and before each frame its time (SmolVLM2). */
    ANNOUNCED,
    /** Its frames as pictures, before each its number, as {@code Frame1: } (InternVL). */
    NUMBERED,
    /** As a video, before each pair of frames its time, as {@code <1.5 seconds>} (Qwen3-VL). */
    TIMED,
    /** As a video, before each frame its time, as {@code 00:01} (Gemma 4). */
    CLOCKED,
    /** As a video, pairs of frames one after the other (Qwen2-VL, Qwen2.5-VL). */
    PAIRED,
    /** As a video, frames of a quarter of their tokens, one line break at the end. */
    POOLED;

    /** Whether the template has one placeholder for a whole video. */
    public boolean asOne() {
      return this == TIMED || this == CLOCKED || this == PAIRED || this == POOLED;
    }
  }

  /**
   * The family of a package, by {@code model_type}. A processor that is named says too little:
   * packages of other families name the processor of a known one.
   *
   * @param forced the {@code model_type} to take it for; null for its own
   * @throws IllegalArgumentException if Squint does not know it; the message lists what it knows
   */
  static Family of(ModelPackage model, @Nullable String forced) {
    JsonNode families = families();
    JsonNode found = families.path(forced == null ? model.modelType() : forced);
    if (found.isMissingNode() && forced != null) {
      throw new IllegalArgumentException(
          "there is no family '%s'; Squint knows %s".formatted(forced, types(families)));
    }
    if (found.isMissingNode()) {
      throw model.broken(
          "config.json",
          "has the model_type '%s' and the processor_class is '%s'; Squint knows %s. '--family NAME' takes it for one of these"
              .formatted(model.modelType(), model.processorClass(), types(families)));
    }
    String tower = model.config().path("vision_config").path("model_type").asText("");
    JsonNode ofTower = found.path("towers").path(tower);
    return new Family(
        Pictures.valueOf(
            (ofTower.isMissingNode() ? found.get("pictures") : ofTower.get("pictures"))
                .textValue()
                .toUpperCase(Locale.ROOT)
                .replace('-', '_')),
        Clips.valueOf(found.path("clips").asText("frames").toUpperCase(Locale.ROOT)),
        found.path("firstPosition").asInt(0),
        found.path("mrope").asBoolean(false),
        Optional.ofNullable(found.path("chatTemplate").textValue())
            .or(
                () ->
                    Optional.ofNullable(found.path("templateFile").textValue()).map(Family::file)),
        found.path("beginsItself").asBoolean(false),
        found.path("placeholder").asText("image_token"),
        Optional.ofNullable(found.path("open").textValue()).map(Pattern::compile),
        Optional.ofNullable(found.path("imageToken").textValue()),
        found.path("inPieces").asBoolean(false));
  }

  private static String file(String name) {
    try (InputStream in = Family.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TreeSet<String> types(JsonNode families) {
    TreeSet<String> types = new TreeSet<>();
    families.fieldNames().forEachRemaining(types::add);
    return types;
  }

  /** The processor of transformers that a family's packages name; empty if it has none. */
  static String processorOf(String modelType) {
    return families().path(modelType).path("processors").path(0).asText("");
  }

  private static JsonNode families() {
    try (InputStream in = Family.class.getResourceAsStream("families.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
