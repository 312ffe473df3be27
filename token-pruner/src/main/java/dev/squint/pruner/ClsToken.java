package dev.squint.pruner;

/**
 * Query and key of the CLS token in one attention layer, one row per tile, the heads side by side,
 * [tiles, heads * headDim].
 *
 * @param queries with bias, before any scaling
 * @param keys with bias, before any scaling
 */
public record ClsToken(Matrix queries, Matrix keys) {}
