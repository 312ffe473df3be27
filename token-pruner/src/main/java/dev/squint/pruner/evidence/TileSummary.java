package dev.squint.pruner.evidence;

/**
 * The token that an encoder gives for each tile as a whole, beside those of its grid, [T, D]
 * (Florence-2, arXiv 2311.06242). Methods do not read it, and it stays in the prompt.
 */
public record TileSummary() implements TileRows {}
