package dev.squint.llm;

/**
 * Where the time of an answer went, in milliseconds.
 *
 * @param phases which follow each other
 * @param firstTokenMillis from the question to the first token
 * @param totalMillis from the question to the last token
 * @param cachedEncodeMillis what the encoder took, for an earlier question, for visual tokens that
 *     came from the cache this time; 0 if they were encoded for this answer
 * @param cachedPrefillMillis what the decoder took, for earlier questions, for tokens of the prompt
 *     that were reused this time: their share, by number, of the prefill that computed them
 */
public record Timings(
    Phases phases,
    double firstTokenMillis,
    double totalMillis,
    double cachedEncodeMillis,
    double cachedPrefillMillis) {

  /**
   * The phases of an answer, in milliseconds.
   *
   * @param preprocessMillis pictures to tiles of pixel values
   * @param encodeMillis tiles to visual tokens
   * @param pruneMillis choosing and merging visual tokens, before and between the decoder's layers;
   *     the question's embeddings included
   * @param prefillMillis writing and embedding the prompt, and the decoder's first run, without
   *     what {@code pruneMillis} counts between its layers
   * @param decodeMillis all tokens after the first
   */
  public record Phases(
      double preprocessMillis,
      double encodeMillis,
      double pruneMillis,
      double prefillMillis,
      double decodeMillis) {}

  /** Milliseconds from pictures to tiles. */
  public double preprocessMillis() {
    return phases.preprocessMillis();
  }

  /** Milliseconds from tiles to visual tokens. */
  public double encodeMillis() {
    return phases.encodeMillis();
  }

  /** Milliseconds for choosing and merging visual tokens. */
  public double pruneMillis() {
    return phases.pruneMillis();
  }

  /** Milliseconds for writing the prompt and the decoder's first run. */
  public double prefillMillis() {
    return phases.prefillMillis();
  }

  /** Milliseconds for all tokens after the first. */
  public double decodeMillis() {
    return phases.decodeMillis();
  }
}
