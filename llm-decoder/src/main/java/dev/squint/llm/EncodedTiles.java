package dev.squint.llm;

import dev.squint.pruner.PatchTokens;

/**
 * The tiles of a request that a plan has encoded.
 *
 * @param tokens of the encoded tiles, [N, D], with the evidence for the point after the encoder
 * @param encodedTiles how many tiles were encoded, for this request or an earlier one
 * @param encodedTokens how many groups of patches of them were encoded
 * @param work what the encoder ran on for them, and to choose them
 * @param substitute whether a method chose tiles by attention that stands in for that of a CLS
 *     token
 * @param cachedMillis milliseconds that the encoder took, for earlier requests, for what came from
 *     the cache
 * @param choosingMillis milliseconds for the choice of tiles and groups
 * @param operations of the choice of tiles and groups, of merging inside the encoder, and of what
 *     the encoder shows, {@link dev.squint.pruner.Operations}
 */
record EncodedTiles(
    PatchTokens tokens,
    int encodedTiles,
    int encodedTokens,
    EncoderWork work,
    boolean substitute,
    double cachedMillis,
    double choosingMillis,
    double operations) {}
