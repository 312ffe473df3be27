package dev.squint.llm.model;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The graphs that a vision-language package consists of. */
public enum Session {
  /** Pixels to image features. */
  VISION_ENCODER("vision", "vision_encoder"),
  /** Token ids to text embeddings. */
  EMBED_TOKENS("embed", "embed_tokens"),
  /** Embeddings and cache to logits and cache. */
  DECODER("decoder", "decoder_model_merged");

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
