package dev.squint.webapp.answering;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.Answer;
import dev.squint.llm.PointReport;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.video.VideoFrame;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Positions of the visual tokens on the pictures and frames, and whether each was kept, merged or
 * dropped.
 *
 * @param pictures one for each picture of the question and for each frame that was read of its
 *     clips, in its order
 */
public record TokenOverlay(List<MappedPicture> pictures) {

  /**
   * A picture or frame.
   *
   * @param width in pixels, upright; of a frame, as it was read
   * @param height in pixels, upright; of a frame, as it was read
   * @param clip number of the frame's clip among those of the question; absent for a picture
   * @param seconds time of the frame; absent for a picture
   * @param tiles its tiles in the order of the prompt; none for a frame that the plan dropped
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MappedPicture(
      int width,
      int height,
      @Nullable Integer clip,
      @Nullable Double seconds,
      List<MappedTile> tiles) {}

  /**
   * A tile.
   *
   * @param crop its position among the picture's crops; absent for the global view
   * @param region left, top, right and bottom edge in pixels of the picture
   * @param rows rows of tokens
   * @param cols columns of tokens
   * @param first number of its first token, counted over all pictures
   * @param into for each token, [rows * cols], the number of the token that represents it at the
   *     end: its own if kept, another one's if merged, -1 if dropped
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
   * The state of a tile's tokens after one stage.
   *
   * @param into as in {@link MappedTile}
   * @param scores by which the tokens were chosen, [rows * cols], null where not scored; absent if
   *     the method does not score single tokens
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MappedStage(int[] into, @Nullable List<@Nullable Float> scores) {}

  /** The position of a crop among the crops of a picture. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record MappedCrop(int row, int col, int gridRows, int gridCols) {}

  /**
   * Makes the map of an answer.
   *
   * @param tiled the tiles of each picture and of each kept frame
   */
  static TokenOverlay of(
      List<Message> conversation,
      List<TiledImage> tiled,
      Answer answer,
      List<PointReport> reports) {
    Mapping mapping = new Mapping(answer, reports, tiled.iterator());
    List<MappedPicture> mapped = new ArrayList<>();
    int clips = 0;
    for (Message message : conversation) {
      for (Content content : message.content()) {
        if (content instanceof Content.Image image) {
          mapped.add(picture(image.picture(), null, null, mapping.next()));
        } else if (content instanceof Content.Video video) {
          List<Double> kept = answer.frameSeconds().get(clips);
          for (VideoFrame frame : video.clip().frames()) {
            mapped.add(
                picture(
                    frame.picture(),
                    clips,
                    frame.seconds(),
                    kept.contains(frame.seconds()) ? mapping.next() : List.of()));
          }
          clips++;
        }
      }
    }
    return new TokenOverlay(mapped);
  }

  private static MappedPicture picture(
      Picture picture, @Nullable Integer clip, @Nullable Double seconds, List<MappedTile> tiles) {
    return new MappedPicture(picture.width(), picture.height(), clip, seconds, tiles);
  }

  /** Iterates over the tiles of an answer, picture by picture. */
  private static final class Mapping {

    private final Answer answer;
    private final List<PointReport> reports;
    private final TokenReduction last;
    private final Iterator<TiledImage> tiled;
    private List<MappedTile> tiles = List.of();
    private int frames;
    private int tile;
    private int token;

    Mapping(Answer answer, List<PointReport> reports, Iterator<TiledImage> tiled) {
      this.answer = answer;
      this.reports = reports;
      this.last =
          reports.isEmpty() ? answer.reduction() : reports.get(reports.size() - 1).reduction();
      this.tiled = tiled;
    }

    /** Frames that were encoded together have the same tiles. */
    List<MappedTile> next() {
      if (frames == 0) {
        TiledImage picture = tiled.next();
        frames = picture.frames();
        tiles = tiles(picture);
      }
      frames--;
      return tiles;
    }

    private List<MappedTile> tiles(TiledImage picture) {
      List<MappedTile> tiles = new ArrayList<>();
      for (TilePlacement placement : picture.tiles()) {
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
      return tiles;
    }
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
