package dev.squint.webapp.answering;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.Answer;
import dev.squint.llm.PointReport;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.Picture;
import dev.squint.vision.Region;
import dev.squint.vision.TilePlacement;
import dev.squint.vision.TiledImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Where the visual tokens lie on the pictures, and what became of each.
 *
 * @param pictures one for each picture of the question, in its order
 */
public record TokenMap(List<MappedPicture> pictures) {

  /**
   * A picture.
   *
   * @param width in pixels, upright
   * @param height in pixels, upright
   * @param tiles what the encoder saw of it, in the order of the prompt
   */
  public record MappedPicture(int width, int height, List<MappedTile> tiles) {}

  /**
   * A tile.
   *
   * @param crop its place among the picture's crops, or absent for the global view
   * @param region left, top, right and bottom edge in pixels of the picture
   * @param rows rows of tokens
   * @param cols columns of tokens
   * @param first number of its first token, counted over all pictures
   * @param into for each token, [rows * cols], the number of the token that stands for it in the
   *     end: its own if it was kept, another one's if it was merged, -1 if it was dropped
   * @param stages the same after each of the answer's stages, with scores
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MappedTile(
      @Nullable MappedCrop crop,
      double[] region,
      int rows,
      int cols,
      int first,
      int[] into,
      List<MappedStage> stages) {}

  /**
   * What became of a tile's tokens at one stage.
   *
   * @param into as in {@link MappedTile}
   * @param scores by which the tokens were chosen here, [rows * cols], null for those not scored;
   *     absent where the method does not score tokens one by one
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MappedStage(int[] into, @Nullable List<@Nullable Float> scores) {}

  /** A place among the crops of a picture. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record MappedCrop(int row, int col, int gridRows, int gridCols) {}

  static TokenMap of(
      List<Picture> pictures, List<TiledImage> tiled, Answer answer, List<PointReport> reports) {
    List<MappedPicture> mapped = new ArrayList<>();
    TokenReduction last =
        reports.isEmpty() ? answer.reduction() : reports.get(reports.size() - 1).reduction();
    int tile = 0;
    int token = 0;
    for (int i = 0; i < pictures.size(); i++) {
      Picture picture = pictures.get(i);
      List<MappedTile> tiles = new ArrayList<>();
      for (TilePlacement placement : tiled.get(i).tiles()) {
        Tile encoded = answer.tiles().get(tile++);
        int first = token;
        int end = first + encoded.tokens();
        Region region = placement.region();
        tiles.add(
            new MappedTile(
                crop(placement.crop()),
                new double[] {region.left(), region.top(), region.right(), region.bottom()},
                encoded.rows(),
                encoded.cols(),
                first,
                into(last, first, end),
                reports.stream().map(report -> stage(report, first, end)).toList()));
        token = end;
      }
      mapped.add(new MappedPicture(picture.width(), picture.height(), tiles));
    }
    return new TokenMap(mapped);
  }

  private static MappedStage stage(PointReport report, int first, int end) {
    return new MappedStage(
        into(report.reduction(), first, end),
        report.scores().map(scores -> scores(scores, first, end)).orElse(null));
  }

  private static List<@Nullable Float> scores(float[] scores, int first, int end) {
    List<@Nullable Float> ofTile = new ArrayList<>();
    for (int i = first; i < end; i++) {
      ofTile.add(Float.isFinite(scores[i]) ? (Float) scores[i] : null);
    }
    return ofTile;
  }

  private static int[] into(TokenReduction reduction, int first, int end) {
    int[] kept = reduction.kept();
    int[] target = reduction.target();
    return IntStream.range(first, end).map(i -> target[i] < 0 ? -1 : kept[target[i]]).toArray();
  }

  private static @Nullable MappedCrop crop(Tile.@Nullable Crop crop) {
    return crop == null
        ? null
        : new MappedCrop(crop.row(), crop.col(), crop.gridRows(), crop.gridCols());
  }
}
