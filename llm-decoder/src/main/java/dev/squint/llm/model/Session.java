package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The graphs that a vision-language package consists of. */
public enum Session {
  /** Pixels to image features. */
  VISION_ENCODER("vision", "vision_encoder"),
  /** Token ids to text embeddings. */
  EMBED_TOKENS("embed", "embed_tokens"),
  /** Embeddings and cache to logits and cache. */
  DECODER("decoder", "decoder_model_merged");

  /** The type of Janus, whose packages divide the model in another way. */
  private static final String JANUS = "multi_modality";

  /** The type of Phi-3.5-vision, whose graphs have other names and join text and pictures. */
  private static final String PHI = "phi3_v";

  private final String key;
  private final String stem;

  Session(String key, String stem) {
    this.key = key;
    this.stem = stem;
  }

  /** The short name by which a person chooses a variant: {@code vision}, {@code embed}, ... */
  public String key() {
    return key;
  }

  /** The file name without variant and extension, as Hugging Face packages have it. */
  public String stem() {
    return stem;
  }

  /**
   * The stems of the files that a package has for this session. Most have one of its own. Janus has
   * one file for pictures and text, and its decoder in two; Phi-3.5-vision has other names; an
   * encoder-decoder has the encoder of prompts beside the decoder.
   *
   * @param config the package's {@code config.json}
   */
  public List<String> stems(JsonNode config) {
    if (config.path("model_type").asText().equals(JANUS)) {
      return this == DECODER
          ? List.of("language_model", "lm_head")
          : List.of("prepare_inputs_embeds");
    }
    if (config.path("model_type").asText().equals(PHI)) {
      return List.of(
          switch (this) {
            case VISION_ENCODER -> stem;
            case EMBED_TOKENS -> "prepare_inputs_embeds";
            case DECODER -> "model";
          });
    }
    return this == DECODER && config.path("is_encoder_decoder").asBoolean(false)
        ? List.of(stem, "encoder_model")
        : List.of(stem);
  }

  /**
   * The session of this short name or file stem.
   *
   * @throws IllegalArgumentException if there is none; the message lists what there is
   */
  public static Session of(String name) {
    for (Session session : values()) {
      if (session.key.equals(name) || session.stem.equals(name)) {
        return session;
      }
    }
    throw new IllegalArgumentException(
        "no session is called '%s'; there are %s"
            .formatted(
                name, Arrays.stream(values()).map(Session::key).collect(Collectors.joining(", "))));
  }
}
