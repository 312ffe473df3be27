package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sizes in which LRS-VQA encodes a large picture: halved repeatedly down to a base size, each
 * cut into square blocks (arXiv 2503.07588). No method uses them: no package has the pyramid. The
 * maths is kept here because the golden cases have it.
 *
 * @param levels the levels, coarse to fine; none for a picture of one block, which its global view
 *     shows
 */
record ImagePyramid(List<Level> levels) {
  public ImagePyramid {
    levels = List.copyOf(levels);
  }

  /**
   * One level.
   *
   * @param height height of the scaled picture in pixels
   * @param width width of the scaled picture in pixels
   * @param blockRows rows of blocks; the picture is padded below to fill them
   * @param blockCols columns of blocks; the picture is padded on the right to fill them
   */
  record Level(int height, int width, int blockRows, int blockCols) {}

  /**
   * The pyramid of a picture.
   *
   * @param height height of the picture in pixels
   * @param width width of the picture in pixels
   * @param base longest side of the coarsest level in pixels; 1008 in the paper
   * @param block side of a block in pixels; 336 in the paper
   */
  static ImagePyramid of(int height, int width, int base, int block) {
    double coarsest = Math.min((double) base / Math.max(height, width), 1);
    double global = Math.min((double) block / height, (double) block / width);
    List<Double> ratios = new ArrayList<>();
    double last = 0;
    for (double ratio = 1; ratio >= coarsest; ratio /= 2) {
      ratios.add(ratio);
      last = ratio;
    }
    if (last > coarsest) {
      ratios.add(coarsest);
    }
    List<Level> levels = new ArrayList<>();
    for (double ratio : ratios) {
      // What is no larger than the global view is the global view.
      if (ratio > global) {
        levels.add(0, level(height * ratio, width * ratio, block));
      }
    }
    return new ImagePyramid(levels);
  }

  /** Scales up until one side fills its blocks. */
  private static Level level(double exactHeight, double exactWidth, int block) {
    double height = Math.rint(exactHeight);
    double width = Math.rint(exactWidth);
    int rows = (int) Math.ceil(height / block);
    int cols = (int) Math.ceil(width / block);
    double scale = Math.min(rows * block / height, cols * block / width);
    return new Level((int) Math.rint(height * scale), (int) Math.rint(width * scale), rows, cols);
  }

  /**
   * Tokens of one level that choose tiles of the next: the highest scores and every row's newline,
   * ascending.
   *
   * @param scores scores of the level's tokens, row by row, each row ending in its newline
   * @param rowLength tokens of a row with its newline
   * @param ratio share of the tokens to take, truncated
   */
  static int[] selected(float[] scores, int rowLength, double ratio) {
    int[] top = Ranking.best(scores, (int) (scores.length * ratio));
    IntStream newlines =
        IntStream.range(0, scores.length).filter(i -> i % rowLength == rowLength - 1);
    return IntStream.concat(IntStream.of(top), newlines).distinct().sorted().toArray();
  }

  /**
   * The tiles of the next level that show what these tokens show, each [row, column], row by row.
   * As in the authors' code a newline counts as a token at the end of its row, so a row's newline
   * takes the row's last tile along.
   *
   * @param tokens indices of tokens, as {@link #selected} gives them
   * @param rows rows of tokens of this level
   * @param rowLength tokens of a row with its newline
   * @param tileRows rows of tiles of the next level
   * @param tileCols columns of tiles of the next level
   */
  static List<int[]> tiles(int[] tokens, int rows, int rowLength, int tileRows, int tileCols) {
    // In single precision, as the code computes it.
    float down = (float) tileRows / rows;
    float across = (float) tileCols / rowLength;
    int[] tiles =
        IntStream.of(tokens)
            .map(i -> floor(i / rowLength, down) * tileCols + floor(i % rowLength, across))
            .distinct()
            .sorted()
            .toArray();
    List<int[]> places = new ArrayList<>();
    for (int tile : tiles) {
      places.add(new int[] {tile / tileCols, tile % tileCols});
    }
    return places;
  }

  private static int floor(int line, float scale) {
    return (int) (line * scale);
  }
}
