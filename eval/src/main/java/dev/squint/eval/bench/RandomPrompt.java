package dev.squint.eval.bench;

import dev.squint.llm.SyntheticPrompt;
import dev.squint.pruner.Attention;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.ClsAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random prompts: the run time of a decoder does not depend on the content of a picture. */
final class RandomPrompt {

  private static final int BEFORE = 16;
  private static final int AFTER = 24;

  /** Number of text tokens around the visual tokens. */
  static final int TEXT = BEFORE + AFTER;

  private static final int SIDE = 8;

  private RandomPrompt() {}

  /**
   * Returns a prompt with this number of visual tokens, in crops of 8 x 8 and a global view with
   * the remainder.
   */
  static SyntheticPrompt of(int visualTokens, int size) {
    Random random = new Random(visualTokens);
    Matrix before = gaussian(random, BEFORE, size);
    Matrix features = gaussian(random, visualTokens, size);
    PatchTokens visual =
        PatchTokens.encoded(tiles(visualTokens), features, EvidenceSet.nothing())
            .with(new ClsAttention(-1), attention(random, visualTokens));
    return new SyntheticPrompt(before, visual, gaussian(random, AFTER, size));
  }

  private static List<Tile> tiles(int tokens) {
    int crops = Math.max(0, tokens / (SIDE * SIDE) - 1);
    int rest = tokens - crops * SIDE * SIDE;
    List<Tile> tiles = new ArrayList<>();
    for (int i = 0; i < crops; i++) {
      tiles.add(Tile.crop(0, SIDE, SIDE, new Tile.Crop(0, i, 1, crops)));
    }
    tiles.add(rest == SIDE * SIDE ? Tile.global(0, SIDE, SIDE) : Tile.global(0, 1, rest));
    return tiles;
  }

  private static Matrix gaussian(Random random, int rows, int cols) {
    float[] values = new float[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Matrix(rows, cols, values);
  }

  private static Attention attention(Random random, int tokens) {
    float[] shares = new float[tokens];
    for (int i = 0; i < tokens; i++) {
      shares[i] = random.nextFloat() / tokens;
    }
    return Attention.of(Matrix.of(shares));
  }
}
