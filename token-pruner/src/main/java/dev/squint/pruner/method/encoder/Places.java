package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens of a clip by frame, and for each the one at the same place of the frame before.
 *
 * @param frames tokens of each frame, ascending, [F]; a frame may have none
 * @param before index of that token, [N]; -1 if there is none
 */
record Places(List<int[]> frames, int[] before) {

  static Places of(PatchTokens tokens) {
    int count = tokens.tiles().stream().mapToInt(tile -> tile.frame() + 1).max().orElse(0);
    List<int[]> frames = new ArrayList<>();
    for (int f = 0; f < count; f++) {
      int frame = f;
      frames.add(
          IntStream.range(0, tokens.size())
              .filter(i -> tokens.positions().get(i).frame() == frame)
              .toArray());
    }
    return new Places(frames, PreviousFrame.of(tokens));
  }

  /** The places that all frames from one to another have: the tokens at each, by frame. */
  List<int[]> through(int first, int last) {
    List<int[]> places = new ArrayList<>();
    for (int token : frames.get(last)) {
      int[] chain = new int[last - first + 1];
      int at = token;
      for (int f = chain.length - 1; f >= 0 && at >= 0; f--) {
        chain[f] = at;
        at = f == 0 ? at : before[at];
      }
      if (at >= 0) {
        places.add(chain);
      }
    }
    return places;
  }

  /** The tokens of a frame without some. */
  int[] without(int frame, boolean[] taken) {
    return IntStream.of(frames.get(frame)).filter(token -> !taken[token]).toArray();
  }

  /** Means of some rows, one for each group of their indices, [groups, D]; 0 for an empty one. */
  static Matrix means(Matrix rows, List<int[]> groups) {
    return Matrix.of(
        groups.stream()
            .map(
                group ->
                    group.length == 0 ? new float[rows.cols()] : rows.rows(group).columnMeans())
            .toArray(float[][]::new));
  }
}
