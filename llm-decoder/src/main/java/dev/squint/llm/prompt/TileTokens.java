package dev.squint.llm.prompt;

import dev.squint.pruner.Tile;

/**
 * A tile and how many of its tokens are left.
 *
 * @param tile which crop of its picture it is, or the global view
 * @param tokens left after pruning, 0 or more
 */
public record TileTokens(Tile tile, int tokens) {}
