package dev.squint.llm.prompt;

import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The tokens of all crops of a picture as one grid, which is shrunk where it has many more tokens
 * than the allowed number of tiles (LLaVA-OneVision's "anyres_max", arXiv 2408.03326, section 3.2).
 */
final class JointGrid {

  /** A grid only a little too large stays as it is. */
  private static final double TOLERANCE = 1.1;

  // By row and column of the grid: which token lies there, -1 for none.
  private final int[][] token;

  private JointGrid(int[][] token) {
    this.token = token;
  }

  /**
   * Shrinks the crops of every picture that has too many tokens: bilinear, no smoothing, as
   * PyTorch's {@code interpolate} does. A new token has the place of the token at its upper left.
   *
   * @param tokens without padding
   * @param maxTiles how many tiles' tokens the crops of a picture may have
   */
  static TokenReduction shrink(PatchTokens tokens, int maxTiles) {
    List<int[]> parts = new ArrayList<>();
    List<TokenReduction> reductions = new ArrayList<>();
    int frames = tokens.tiles().stream().mapToInt(Tile::frame).max().orElse(-1) + 1;
    for (int frame = 0; frame < frames; frame++) {
      int picture = frame;
      int[] whole = part(tokens, picture, true);
      int[] crops = part(tokens, picture, false);
      parts.add(whole);
      reductions.add(TokenReduction.keepAll(whole.length));
      parts.add(crops);
      reductions.add(
          crops.length == 0 ? TokenReduction.keepAll(0) : shrink(tokens, crops, maxTiles));
    }
    return TokenReduction.ofParts(tokens.size(), parts, reductions);
  }

  /**
   * Halves the rows and columns of frames of videos, rounded up, each frame by itself (the same,
   * section 3.2; transformers, {@code modeling_llava_onevision.py}).
   *
   * @param frames which pictures are frames, of one tile each
   */
  static TokenReduction pool(PatchTokens tokens, Set<Integer> frames) {
    List<int[]> parts = new ArrayList<>();
    List<TokenReduction> reductions = new ArrayList<>();
    for (int tile = 0; tile < tokens.tiles().size(); tile++) {
      int[] part = tokens.ofTile(tile);
      boolean pooled = frames.contains(tokens.tiles().get(tile).frame()) && part.length > 0;
      parts.add(part);
      reductions.add(
          pooled ? of(tokens, part).halved(part.length) : TokenReduction.keepAll(part.length));
    }
    return TokenReduction.ofParts(tokens.size(), parts, reductions);
  }

  private static int[] part(PatchTokens tokens, int frame, boolean global) {
    return IntStream.range(0, tokens.size())
        .filter(
            i -> {
              Tile tile = tokens.tiles().get(tokens.positions().get(i).tile());
              return tile.frame() == frame && tile.isGlobal() == global;
            })
        .toArray();
  }

  private static TokenReduction shrink(PatchTokens tokens, int[] crops, int maxTiles) {
    Tile tile = tokens.tiles().get(tokens.positions().get(crops[0]).tile());
    JointGrid grid = of(tokens, crops);
    int rows = grid.token.length;
    int cols = grid.token[0].length;
    double ratio =
        Math.sqrt((double) rows * cols / ((double) maxTiles * tile.rows() * tile.rows()));
    return ratio > TOLERANCE
        ? grid.shrunk(crops.length, (int) (rows / ratio), (int) (cols / ratio))
        : TokenReduction.keepAll(crops.length);
  }

  private static JointGrid of(PatchTokens tokens, int[] crops) {
    int[] row = new int[crops.length];
    int[] col = new int[crops.length];
    for (int i = 0; i < crops.length; i++) {
      TokenPosition position = tokens.positions().get(crops[i]);
      Tile tile = tokens.tiles().get(position.tile());
      Tile.Crop crop = tile.crop();
      row[i] = (crop == null ? 0 : crop.row() * tile.rows()) + position.row();
      col[i] = (crop == null ? 0 : crop.col() * tile.cols()) + position.col();
    }
    int top = Arrays.stream(row).min().orElseThrow();
    int left = Arrays.stream(col).min().orElseThrow();
    int rows = Arrays.stream(row).max().orElseThrow() - top + 1;
    int cols = Arrays.stream(col).max().orElseThrow() - left + 1;
    int[][] token = new int[rows][cols];
    Arrays.stream(token).forEach(line -> Arrays.fill(line, -1));
    for (int i = 0; i < crops.length; i++) {
      token[row[i] - top][col[i] - left] = i;
    }
    return new JointGrid(token);
  }

  private TokenReduction halved(int tokens) {
    return shrunk(tokens, (token.length + 1) / 2, (token[0].length + 1) / 2);
  }

  private TokenReduction shrunk(int tokens, int newRows, int newCols) {
    int[] group = new int[tokens];
    List<Integer> representatives = new ArrayList<>();
    List<int[]> sources = new ArrayList<>();
    List<float[]> weights = new ArrayList<>();
    Axis down = new Axis(token.length, newRows);
    Axis across = new Axis(token[0].length, newCols);
    int[][] made = new int[newRows][newCols];
    for (int row = 0; row < newRows; row++) {
      for (int col = 0; col < newCols; col++) {
        made[row][col] = -1;
        int place = token[down.before(row)][across.before(col)];
        // Crops that were not encoded leave holes.
        if (place >= 0) {
          made[row][col] = representatives.size();
          representatives.add(place);
          mix(down, across, row, col, sources, weights);
        }
      }
    }
    for (int row = 0; row < token.length; row++) {
      for (int col = 0; col < token[0].length; col++) {
        if (token[row][col] >= 0) {
          group[token[row][col]] = made[down.nearest(row)][across.nearest(col)];
        }
      }
    }
    for (int i = 0; i < representatives.size(); i++) {
      group[representatives.get(i)] = i;
    }
    return TokenReduction.mix(
        representatives.stream().mapToInt(Integer::intValue).toArray(),
        group,
        sources.toArray(int[][]::new),
        weights.toArray(float[][]::new));
  }

  private void mix(
      Axis down, Axis across, int row, int col, List<int[]> sources, List<float[]> weights) {
    int[] rows = {down.before(row), down.after(row)};
    int[] cols = {across.before(col), across.after(col)};
    float below = down.weightOfAfter(row);
    float right = across.weightOfAfter(col);
    int[] source = new int[4];
    float[] weight = new float[4];
    int count = 0;
    float sum = 0;
    for (int i = 0; i < 4; i++) {
      int at = token[rows[i / 2]][cols[i % 2]];
      if (at >= 0) {
        source[count] = at;
        weight[count] = (i / 2 == 0 ? 1 - below : below) * (i % 2 == 0 ? 1 - right : right);
        sum += weight[count++];
      }
    }
    for (int i = 0; i < count && sum != 1; i++) {
      weight[i] /= sum;
    }
    sources.add(Arrays.copyOf(source, count));
    weights.add(Arrays.copyOf(weight, count));
  }

  /** Where new rows or columns lie among the old ones; the centres of both grids' cells align. */
  private record Axis(int before, int after) {

    private float source(int index) {
      return Math.max(0, (index + 0.5f) * ((float) before / after) - 0.5f);
    }

    int before(int index) {
      return (int) source(index);
    }

    int after(int index) {
      return Math.min(before(index) + 1, before - 1);
    }

    float weightOfAfter(int index) {
      return source(index) - before(index);
    }

    int nearest(int old) {
      return Math.min(after - 1, (int) ((old + 0.5f) * after / before));
    }
  }
}
