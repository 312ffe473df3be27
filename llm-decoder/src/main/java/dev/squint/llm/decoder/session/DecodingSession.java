package dev.squint.llm.decoder.session;

import java.util.List;

/**
 * One sequence while it is generated: the logits of its next token, and what its prompt left in the
 * decoder. Not thread-safe.
 */
public interface DecodingSession extends AutoCloseable {

  /** Logits of the next token, [V]. */
  float[] logits();

  /** Decodes one more token: adds it to the caches and computes the logits after it. */
  void append(long token);

  /**
   * Decodes one more token, and may run drafts of those behind it in the same pass.
   *
   * @param drafts tokens that may come next; ignored by sessions that do not draft
   */
  default void append(long token, long[] drafts) {
    append(token);
  }

  /** Whether the decoder must run for the next token; not if that was a draft. */
  default boolean needsRun(long token) {
    return true;
  }

  /** How many drafts were run, and how many were accepted, so far. */
  default Drafts drafts() {
    return Drafts.NONE;
  }

  /** Number of tokens that the layers of each stage hold for this sequence. */
  List<Integer> cachedTokens();

  /** Bytes of keys and values that are held now for this sequence. */
  long cacheBytes();

  /** What ran on the prompt. */
  PrefillReport report();

  /** Frees keys and values. */
  @Override
  void close();
}
