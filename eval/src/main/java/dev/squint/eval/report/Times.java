package dev.squint.eval.report;

/**
 * Medians in milliseconds of one plan on one family, each answer counted as if its pictures had
 * been encoded for it alone.
 *
 * @param plan as it prints itself
 * @param preprocess pictures to tiles
 * @param encode tiles to visual tokens
 * @param prune choosing visual tokens
 * @param prefill prompt and the decoder's first run
 * @param decode all tokens after the first
 * @param ttft time to first token
 * @param encodesCached share of answers whose visual tokens came from the cache
 */
public record Times(
    String plan,
    double preprocess,
    double encode,
    double prune,
    double prefill,
    double decode,
    double ttft,
    double encodesCached) {}
