package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.EncoderFlow;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Drops visual tokens between the stages of an encoder, by what its layers have computed so far. A
 * visual token is dropped with all its patches, and the later layers run on the others.
 */
final class GroupDropping {

  private static final Evidence<Matrix> FLOW = new EncoderFlow();

  private final List<TileStates> tiles;
  private final List<PatchRows> rows;
  private PatchTokens left;
  private int seen;
  private double operations;

  /**
   * Before the first layer.
   *
   * @param rows the meaning of the rows of each tile, if none is missing
   * @param given the visual tokens that are encoded, [N, 0]
   */
  GroupDropping(List<TileStates> tiles, List<PatchRows> rows, PatchTokens given) {
    this.tiles = tiles;
    this.rows = rows;
    this.left = given;
  }

  /**
   * Carries out the decision of a plan after some layers, if it has one there.
   *
   * @param run number of layers that have run
   */
  void decide(PruningPlan plan, int run) {
    Point point = new Point(Point.Kind.INSIDE_ENCODER, Math.max(1, run));
    if (run == 0 || plan.at(point).isEmpty()) {
      return;
    }
    List<TilePart> parts = IntStream.range(0, tiles.size()).mapToObj(this::part).toList();
    @Nullable Matrix before = seen == 0 ? null : left.evidence(FLOW);
    Matrix flow = FlowReading.carried(before, parts, seen, run);
    for (TilePart part : parts) {
      operations += FlowReading.operations(part, seen, run);
    }
    seen = run;
    left = left.holding(left.features(), EvidenceSet.nothing().with(FLOW, flow));
    Decision decision = plan.decide(point, left);
    operations += decision.operations();
    drop(parts, decision.reduction());
  }

  /** Where a tile has the rows of the visual tokens that are left. */
  private TilePart part(int tile) {
    PatchRows own = rows.get(tile);
    int[] groups = groups(tile);
    int[] patches =
        IntStream.of(groups).flatMap(group -> IntStream.of(own.ofToken(group))).sorted().toArray();
    return TilePart.of(
        tiles.get(tile), own, groups, patch -> Arrays.binarySearch(patches, patch), patches.length);
  }

  private void drop(List<TilePart> parts, TokenReduction reduction) {
    int[] target = reduction.target();
    for (int t = 0; t < parts.size(); t++) {
      int[][] ofToken = parts.get(t).rows();
      int[] own = left.ofTile(t);
      IntStream kept =
          IntStream.range(0, own.length)
              .filter(i -> target[own[i]] >= 0)
              .flatMap(i -> IntStream.of(ofToken[i]))
              .sorted();
      tiles
          .get(t)
          .choose(IntStream.concat(IntStream.range(0, rows.get(t).first()), kept).toArray());
    }
    left = left.reduced(reduction);
  }

  private int[] groups(int tile) {
    int cols = rows.get(tile).tokens().cols();
    return IntStream.of(left.ofTile(tile))
        .map(
            token -> {
              TokenPosition position = left.positions().get(token);
              return position.row() * cols + position.col();
            })
        .toArray();
  }

  /** For each tile the numbers of the visual tokens that are left. */
  List<int[]> groups() {
    List<int[]> groups = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      groups.add(groups(t));
    }
    return groups;
  }

  /** Operations of all decisions, with those for their evidence. */
  double operations() {
    return operations;
  }
}
