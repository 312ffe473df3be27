package dev.squint.pruner.method.decoder;

import java.util.ArrayList;
import java.util.List;

/**
 * The sizes in which LRS-VQA looks at a large picture: halved again and again down to a base size,
 * each cut into square blocks (arXiv 2503.07588).
 *
 * @param levels the levels, coarse to fine; none for a picture of one block, which its global view
 *     shows
 */
public record ImagePyramid(List<Level> levels) {
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
  public record Level(int height, int width, int blockRows, int blockCols) {}

  /**
   * The pyramid of a picture.
   *
   * @param height height of the picture in pixels
   * @param width width of the picture in pixels
   * @param base longest side of the coarsest level in pixels; 1008 in the paper
   * @param block side of a block in pixels; 336 in the paper
   */
  public static ImagePyramid of(int height, int width, int base, int block) {
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
}
