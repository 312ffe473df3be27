package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ReceivedAttention;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Keeps in each tile the tokens that receive most attention in a middle layer of the encoder, which
 * lie on objects, with their four neighbours, and fills up with the tokens that receive most in the
 * layer that feeds the projector. HiPrune (arXiv 2508.00553); the authors take layer 9 of 24.
 *
 * <p>{@link Variant#CODE} takes the previous and the next token as neighbours, also at the ends of
 * rows, where {@link Variant#PAPER}, the default, has none.
 *
 * @param variant paper or code
 * @param alpha part of the budget for tokens of the middle layer and their neighbours
 * @param depth the middle layer, as a share of the layers
 */
public record HiPrune(Variant variant, double alpha, double depth) implements Pruner<PatchTokens> {
  private static final ReceivedAttention DEEP = new ReceivedAttention(1);
  private static final int[][] NEIGHBOURS = {{0, 0}, {0, -1}, {0, 1}, {-1, 0}, {1, 0}};

  public HiPrune {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha must be in [0, 1] but was " + alpha);
    }
    if (!(depth > 0 && depth <= 1)) {
      throw new IllegalArgumentException("depth must be in (0, 1] but was " + depth);
    }
  }

  private ReceivedAttention middle() {
    return new ReceivedAttention(depth);
  }

  @Override
  public Set<Evidence<?>> needs() {
    return depth == 1 ? Set.of(DEEP) : Set.of(middle(), DEEP);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.reduce(
        tokens,
        budget.tokens(tokens.size()),
        (tile, indices, share) -> {
          Tile grid = tokens.tiles().get(tile.positions().get(0).tile());
          return TokenReduction.keep(tile.size(), kept(tile, grid, share));
        });
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double heads = tokens.evidence(DEEP).perHead().rows();
    return PerTile.operations(tokens, decision, (n, kept) -> 2 * Operations.columnMeans(heads, n));
  }

  private int[] kept(PatchTokens tile, Tile grid, int share) {
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < tile.size(); i++) {
      TokenPosition at = tile.positions().get(i);
      places.put(at.row() * grid.cols() + at.col(), i);
    }
    int anchors = (int) Math.rint(share * alpha / NEIGHBOURS.length);
    TreeSet<Integer> kept = new TreeSet<>();
    for (int anchor : Ranking.best(tile.evidence(middle()).meanOverHeads(), anchors)) {
      addWithNeighbours(tile.positions().get(anchor), grid, places, share, kept);
    }
    for (int i : Ranking.descending(tile.evidence(DEEP).meanOverHeads())) {
      if (kept.size() < share) {
        kept.add(i);
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Adds a token and those beside, above and below it that are there, as the budget allows. */
  private void addWithNeighbours(
      TokenPosition at, Tile grid, Map<Integer, Integer> places, int share, Set<Integer> kept) {
    int last = grid.tokens() - 1;
    IntStream.Builder numbers = IntStream.builder();
    for (int[] by : NEIGHBOURS) {
      int row = at.row() + by[0];
      int col = at.col() + by[1];
      boolean inside = row >= 0 && row < grid.rows() && col >= 0 && col < grid.cols();
      if (variant == Variant.CODE || inside) {
        numbers.add(Math.max(0, Math.min(last, row * grid.cols() + col)));
      }
    }
    numbers
        .build()
        .forEach(
            number -> {
              Integer token = places.get(number);
              if (token != null && kept.size() < share) {
                kept.add(token);
              }
            });
  }
}
