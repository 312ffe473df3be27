package dev.squint.llm;

import java.util.Locale;

/** Why an answer ended. */
public enum FinishReason {
  /** The model generated a stop token. */
  STOP,
  /** The most tokens that were allowed have been generated. */
  LENGTH,
  /** The caller cancelled the request. */
  CANCELLED;

  /** In lower case, as in JSON. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
