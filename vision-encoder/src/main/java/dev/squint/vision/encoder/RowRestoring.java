package dev.squint.vision.encoder;

import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.RestoredRows;
import dev.squint.pruner.RestoringPruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.EarlierHidden;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.onnx.graph.Tap;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Lets the layers of an encoder behind a point run on some of the rows, and gives the projector all
 * of them. IPCV (arXiv 2512.18747).
 */
final class RowRestoring {

  private final List<TileStates> tiles;
  private final List<RestoredRows> restored = new ArrayList<>();
  private final int first;
  private final int stabilised;
  private boolean allRows = true;
  private double operations;

  /**
   * Drops rows where the plan has its step.
   *
   * @param rows the meaning of the rows of each tile
   * @param patches the patches that are encoded, [N, 0]
   * @param point the point, which is reached
   * @param method the method of the step there
   */
  RowRestoring(
      List<TileStates> tiles,
      List<PatchRows> rows,
      PatchTokens patches,
      PruningPlan plan,
      Point point,
      RestoringPruner method) {
    this.tiles = tiles;
    this.first = point.layers();
    this.stabilised = method.stabilised();
    Matrix before = Matrix.stacked(earlier(tiles, rows, first));
    PatchTokens tokens =
        patches.holding(
            HiddenRows.patches(tiles, rows),
            EvidenceSet.nothing().with(new EarlierHidden(), before));
    Decision decision = plan.decide(point, tokens);
    operations += decision.operations();
    for (int t = 0; t < tiles.size(); t++) {
      int[] kept = kept(tokens.ofTile(t), decision.reduction(), rows.get(t).first());
      restored.add(method.restored(HeadMaths.matrix(tiles.get(t).hidden()), kept));
      operations += restored.get(t).operations();
    }
  }

  /** The hidden states of the patches before the last layer that has run. */
  private static List<Matrix> earlier(List<TileStates> tiles, List<PatchRows> rows, int run) {
    List<Matrix> earlier = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      Matrix all = HeadMaths.matrix(tiles.get(t).tap(Tap.hidden(run - 2)));
      earlier.add(all.rows(IntStream.range(rows.get(t).first(), all.rows()).toArray()));
    }
    return earlier;
  }

  private static int[] kept(int[] ofTile, TokenReduction reduction, int first) {
    int[] target = reduction.target();
    return IntStream.concat(
            IntStream.range(0, first),
            IntStream.range(0, ofTile.length)
                .filter(i -> target[ofTile[i]] >= 0)
                .map(i -> first + i))
        .toArray();
  }

  /**
   * Gives the next stage its rows: all of them if its layer is stabilised or it is the projector,
   * else those that are kept.
   *
   * @param run number of layers that have run
   * @param last whether the next stage is the projector
   */
  void next(int run, boolean last) {
    boolean all = last || run < first + stabilised;
    for (int t = 0; t < tiles.size(); t++) {
      TileStates tile = tiles.get(t);
      RestoredRows rows = restored.get(t);
      Matrix now = HeadMaths.matrix(tile.hidden());
      if (allRows) {
        now = now.rows(rows.kept());
      }
      if (all) {
        now = rows.with(now);
        operations += rows.restoringOperations();
      }
      long[] shape = {now.rows(), now.cols()};
      tile.replace(new Values(now.data(), shape), new float[now.rows()]);
    }
    allRows = all;
  }

  /** Operations of the decision, and of restoring rows. */
  double operations() {
    return operations;
  }
}
