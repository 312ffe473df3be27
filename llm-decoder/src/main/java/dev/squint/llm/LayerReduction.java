package dev.squint.llm;

import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;

/**
 * The reduction of the visual tokens at a point between decoder layers.
 *
 * @param point where
 * @param reduction of the visual tokens of all tiles, those that left at earlier points included
 */
public record LayerReduction(Point point, TokenReduction reduction) {}
