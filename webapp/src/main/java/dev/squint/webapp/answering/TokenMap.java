package dev.squint.webapp.answering;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.Answer;
import dev.squint.pruner.Tile;
import dev.squint.vision.Picture;
import dev.squint.vision.Region;
import dev.squint.vision.TilePlacement;
import dev.squint.vision.TiledImage;
import java.util.ArrayList;
import java.util.List;
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
   *     prompt: its own if it was kept, another one's if it was merged, -1 if it was dropped
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MappedTile(
      @Nullable MappedCrop crop, double[] region, int rows, int cols, int first, int[] into) {}

  /** A place among the crops of a picture. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record MappedCrop(int row, int col, int gridRows, int gridCols) {}

  static TokenMap of(List<Picture> pictures, List<TiledImage> tiled, Answer answer) {
    int[] kept = answer.reduction().kept();
    int[] target = answer.reduction().target();
    List<MappedPicture> mapped = new ArrayList<>();
    int tile = 0;
    int token = 0;
    for (int i = 0; i < pictures.size(); i++) {
      List<MappedTile> tiles = new ArrayList<>();
      for (TilePlacement placement : tiled.get(i).tiles()) {
        Tile encoded = answer.tiles().get(tile++);
        int[] into = new int[encoded.tokens()];
        for (int j = 0; j < into.length; j++) {
          int at = target[token + j];
          into[j] = at < 0 ? -1 : kept[at];
        }
        Region region = placement.region();
        tiles.add(
            new MappedTile(
                crop(placement.crop()),
                new double[] {region.left(), region.top(), region.right(), region.bottom()},
                encoded.rows(),
                encoded.cols(),
                token,
                into));
        token += into.length;
      }
      mapped.add(new MappedPicture(pictures.get(i).width(), pictures.get(i).height(), tiles));
    }
    return new TokenMap(mapped);
  }

  private static @Nullable MappedCrop crop(Tile.@Nullable Crop crop) {
    return crop == null
        ? null
        : new MappedCrop(crop.row(), crop.col(), crop.gridRows(), crop.gridCols());
  }
}
