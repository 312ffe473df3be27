package dev.squint.eval.run;

import dev.squint.llm.Timings;

/**
 * Times of one answer in milliseconds. If the visual tokens came from the cache, {@code encode} and
 * {@code ttft} include the time of the original encoding.
 *
 * @param preprocess pictures to tiles
 * @param encode tiles to visual tokens
 * @param prune choosing visual tokens
 * @param prefill prompt embeddings and the decoder's prefill
 * @param decode all tokens after the first
 * @param ttft time to first token
 * @param encodeCached whether the visual tokens came from the cache
 */
public record Milliseconds(
    double preprocess,
    double encode,
    double prune,
    double prefill,
    double decode,
    double ttft,
    boolean encodeCached) {

  static final Milliseconds NONE = new Milliseconds(0, 0, 0, 0, 0, 0, false);

  /** The times of an answer. */
  public static Milliseconds of(Timings timings) {
    boolean cached = timings.cachedEncodeMillis() > 0;
    double encode = cached ? timings.cachedEncodeMillis() : timings.encodeMillis();
    return new Milliseconds(
        timings.preprocessMillis(),
        encode,
        timings.pruneMillis(),
        timings.prefillMillis(),
        timings.decodeMillis(),
        timings.firstTokenMillis() - timings.encodeMillis() + encode,
        cached);
  }
}
