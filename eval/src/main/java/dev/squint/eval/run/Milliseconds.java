package dev.squint.eval.run;

import dev.squint.llm.Timings;

/**
 * Where the time of one answer went, in milliseconds, as if its pictures had been encoded for it
 * alone: where their tokens came from the cache, {@code encode} and {@code ttft} hold what encoding
 * took when it was done.
 *
 * @param preprocess pictures to tiles
 * @param encode tiles to visual tokens
 * @param prune choosing visual tokens
 * @param prefill prompt and the decoder's first run
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

  static Milliseconds of(Timings timings) {
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
