package dev.squint.pruner.evidence;

/**
 * For each tile and encoder layer the number of patches that the layer ran on, in visual tokens,
 * [T, layers]. Encoders give it for plans that act inside them. Methods do not read it.
 */
public record EncoderLayerTokens() implements TileRows {}
