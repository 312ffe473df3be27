package dev.squint.vision.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Between the groups of patches that a plan chooses and the tiles that the encoder is given. */
public final class GroupSelection {

  private static final int COLOURS = 3;

  private GroupSelection() {}

  /**
   * All groups of the tiles of a request's pictures, not yet encoded.
   *
   * @param grid the grid of groups of a picture's tiles
   */
  public static PatchGroups groups(
      List<TiledImage> pictures, Function<TiledImage, TokenGrid> grid) {
    List<Tile> tiles = new ArrayList<>();
    List<Matrix> colours = new ArrayList<>();
    for (int frame = 0; frame < pictures.size(); frame++) {
      TiledImage picture = pictures.get(frame);
      TokenGrid groups = grid.apply(picture);
      for (int tile = 0; tile < picture.tiles().size(); tile++) {
        tiles.add(groups.tile(frame, picture.tiles().get(tile), picture));
        colours.add(colours(picture, tile, groups));
      }
    }
    return PatchGroups.of(tiles, Matrix.stacked(colours));
  }

  /** The mean of each colour of the groups of a tile, [rows * cols, 3]. */
  private static Matrix colours(TiledImage picture, int tile, TokenGrid grid) {
    int width = picture.tileWidth();
    int height = picture.tileHeight();
    float[] plane = new float[width * height];
    float[] sums = new float[grid.rows() * grid.cols() * COLOURS];
    int planes = picture.frames() * COLOURS;
    FloatBuffer pixels = picture.pixels();
    for (int p = 0; p < planes; p++) {
      pixels.position((tile * planes + p) * plane.length).get(plane);
      for (int row = 0; row < grid.rows(); row++) {
        int top = row * height / grid.rows();
        int bottom = (row + 1) * height / grid.rows();
        double[] columns = sumsOfColumns(plane, width, top, bottom);
        for (int col = 0; col < grid.cols(); col++) {
          int left = col * width / grid.cols();
          int right = (col + 1) * width / grid.cols();
          double sum = 0;
          for (int x = left; x < right; x++) {
            sum += columns[x];
          }
          double pixelsOfGroup = (double) (bottom - top) * (right - left) * picture.frames();
          sums[(row * grid.cols() + col) * COLOURS + p % COLOURS] += (float) (sum / pixelsOfGroup);
        }
      }
    }
    return new Matrix(grid.rows() * grid.cols(), COLOURS, sums);
  }

  // Sums beside each other, which the processor adds several at a time.
  private static double[] sumsOfColumns(float[] plane, int width, int top, int bottom) {
    double[] sums = new double[width];
    for (int y = top; y < bottom; y++) {
      int start = y * width;
      for (int x = 0; x < width; x++) {
        sums[x] += plane[start + x];
      }
    }
    return sums;
  }

  /**
   * The pixels of groups, [G, 3 * frames * h * w], as the encoder is given them: for each colour
   * frame by frame, row by row. Pixels that belong to no group, at the right and lower edges, are
   * left out. A colour with fewer values than others, such as a still picture's beside a clip, is
   * repeated.
   *
   * @param groups whose pixels are read
   */
  public static Matrix pixels(List<TiledImage> pictures, PatchGroups groups) {
    List<TilePixels> tiles = new ArrayList<>();
    for (TiledImage picture : pictures) {
      for (int tile = 0; tile < picture.tiles().size(); tile++) {
        tiles.add(new TilePixels(picture, picture.pixels(), tile));
      }
    }
    int longest =
        groups.positions().stream()
            .mapToInt(group -> tiles.get(group.tile()).valuesOfGroup(grid(groups, group)))
            .max()
            .orElse(0);
    float[] values = new float[Math.multiplyExact(groups.size(), longest)];
    for (int i = 0; i < groups.size(); i++) {
      TokenPosition group = groups.positions().get(i);
      tiles
          .get(group.tile())
          .read(group, grid(groups, group), values, i * longest, longest / COLOURS);
    }
    return new Matrix(groups.size(), longest, values);
  }

  private static Tile grid(PatchGroups groups, TokenPosition group) {
    return groups.tiles().get(group.tile());
  }

  /** One tile of a picture. */
  private record TilePixels(TiledImage picture, FloatBuffer pixels, int tile) {
    int planes() {
      return picture.frames() * COLOURS;
    }

    int valuesOfGroup(Tile grid) {
      return planes() * (picture.tileHeight() / grid.rows()) * (picture.tileWidth() / grid.cols());
    }

    /**
     * Reads the values of a group into an array.
     *
     * @param start place of the first value
     * @param ofColour number of values of each colour there
     */
    void read(TokenPosition group, Tile grid, float[] values, int start, int ofColour) {
      int height = picture.tileHeight() / grid.rows();
      int width = picture.tileWidth() / grid.cols();
      int plane = picture.tileWidth() * picture.tileHeight();
      for (int p = 0; p < planes(); p++) {
        int to = start + p % COLOURS * ofColour + p / COLOURS * height * width;
        for (int y = 0; y < height; y++) {
          int row = group.row() * height + y;
          int from =
              (tile * planes() + p) * plane + row * picture.tileWidth() + group.col() * width;
          pixels.get(from, values, to + y * width, width);
        }
      }
      int own = valuesOfGroup(grid) / COLOURS;
      for (int colour = start; colour < start + COLOURS * ofColour; colour += ofColour) {
        for (int i = own; i < ofColour; i++) {
          values[colour + i] = values[colour + i - own];
        }
      }
    }
  }

  /** The groups of the selected tiles. */
  public static PatchGroups within(PatchGroups groups, TileSelection tiles) {
    Set<Integer> places = new HashSet<>(tiles.places());
    return groups.reduced(
        TokenReduction.keep(
            groups.size(),
            IntStream.range(0, groups.size())
                .filter(i -> places.contains(groups.positions().get(i).tile()))
                .toArray()));
  }

  /**
   * The tiles of a selection that have some of the groups, and of each tile these groups alone.
   *
   * @param groups the groups that are encoded
   */
  public static TileSelection keeping(TileSelection tiles, PatchGroups groups) {
    List<List<Integer>> ofTile = new ArrayList<>();
    groups.tiles().forEach(tile -> ofTile.add(new ArrayList<>()));
    for (TokenPosition group : groups.positions()) {
      ofTile.get(group.tile()).add(number(groups.tiles(), group));
    }
    List<TiledImage> partial = new ArrayList<>();
    int place = 0;
    for (TiledImage picture : tiles.pictures()) {
      List<KeptGroups> kept = new ArrayList<>();
      for (int t = 0; t < picture.tiles().size(); t++, place++) {
        Tile tile = groups.tiles().get(place);
        List<Integer> own = ofTile.get(place);
        kept.add(
            new KeptGroups(
                new TokenGrid(tile.rows(), tile.cols()),
                // A tile without groups is not encoded, so its groups do not matter.
                own.isEmpty() ? IntStream.range(0, tile.tokens()).boxed().toList() : own));
      }
      partial.add(picture.keeping(kept));
    }
    return new TileSelection(
        partial, tiles.places().stream().filter(p -> !ofTile.get(p).isEmpty()).toList());
  }

  /** Of encoded tokens those whose group is among these. */
  public static TokenReduction tokens(PatchTokens tokens, PatchGroups groups) {
    Set<TokenPosition> kept = new HashSet<>(groups.positions());
    return TokenReduction.keep(tokens.size(), places(tokens, kept));
  }

  /** The groups that were not encoded yet. */
  public static PatchGroups without(PatchGroups groups, PatchTokens encoded) {
    Set<TokenPosition> known = new HashSet<>(encoded.positions());
    int[] rest =
        IntStream.range(0, groups.size())
            .filter(i -> !known.contains(groups.positions().get(i)))
            .toArray();
    return groups.reduced(TokenReduction.keep(groups.size(), rest));
  }

  private static int[] places(TokenSet tokens, Set<TokenPosition> kept) {
    return IntStream.range(0, tokens.size())
        .filter(i -> kept.contains(tokens.positions().get(i)))
        .toArray();
  }

  private static int number(List<Tile> tiles, TokenPosition group) {
    return group.row() * tiles.get(group.tile()).cols() + group.col();
  }
}
