package dev.squint.eval.report;

/**
 * Median times of one plan on one data set, in milliseconds. The encoding time of cached pictures
 * is included in each answer.
 *
 * @param plan the plan's text
 * @param preprocess pictures to tiles
 * @param encode tiles to visual tokens
 * @param prune choosing visual tokens
 * @param prefill prompt embeddings and the decoder's prefill
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
