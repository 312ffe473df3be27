package dev.squint.webapp.answering;

import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.answering.Turn.Part.Media;
import dev.squint.webapp.answering.Turn.Part.PictureFile;
import dev.squint.webapp.http.ApiException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a picture, or of the frames of a clip, whose visual tokens are kept or dropped before
 * the plan acts. Coordinates are shares of the picture's width and height.
 *
 * @param clip whether it is on a clip
 * @param picture number of the picture among the pictures of the request, or of the clip among its
 *     clips, from 0
 * @param from time of the first frame, in seconds, for clips
 * @param to time of the last frame, in seconds, for clips
 * @param outline corners, at least three
 * @param drop whether its tokens are dropped; otherwise those outside of it are
 */
public record PictureRegion(
    boolean clip, int picture, double from, double to, List<Corner> outline, boolean drop) {

  private static final int MOST = 256;
  private static final int MOST_CORNERS = 200;

  /** A corner, as shares of the picture's width and height in [0, 1]. */
  public record Corner(double x, double y) {}

  /** A region as requests write it. */
  public record Field(
      @Schema(description = "Number of the picture, from 0.", example = "0")
          @Nullable Integer picture,
      @Schema(description = "Number of the clip, from 0, instead of a picture.", example = "0")
          @Nullable Integer clip,
      @Schema(description = "On a clip: time of the first frame, in seconds. Default: its first.")
          @Nullable Double from,
      @Schema(description = "On a clip: time of the last frame, in seconds. Default: its last.")
          @Nullable Double to,
      @Schema(
              description =
                  "Left, top, right and bottom edge, as shares of the picture's width and height.",
              example = "[0.5, 0, 1, 0.4]")
          @Nullable List<Double> box,
      @Schema(
              description = "Corners [x, y] instead of a box, as shares of the picture's size.",
              example = "[[0.5, 0], [1, 0], [0.75, 0.4]]")
          @Nullable List<List<Double>> polygon,
      @Schema(
              description =
                  "true: the tokens of this region are dropped. Otherwise only tokens of such regions are kept of this picture.")
          @Nullable Boolean drop) {}

  /** Keeps its own copy of the list. */
  public PictureRegion {
    outline = List.copyOf(outline);
  }

  /**
   * The regions of a request.
   *
   * @param fields as they were sent, or null for none
   * @param param the field of the request
   * @throws ApiException if one of them is invalid
   */
  public static List<PictureRegion> of(@Nullable List<@Nullable Field> fields, String param) {
    if (fields == null) {
      return List.of();
    }
    if (fields.size() > MOST) {
      throw ApiException.invalid(
          param, "there are %d regions; there may be %d".formatted(fields.size(), MOST));
    }
    List<PictureRegion> regions = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      regions.add(of(fields.get(i), "%s[%d]".formatted(param, i)));
    }
    return regions;
  }

  private static PictureRegion of(@Nullable Field field, String param) {
    Integer number = field == null ? null : field.clip() == null ? field.picture() : field.clip();
    if (field == null || number == null || number < 0) {
      throw ApiException.invalid(
          param, "a region needs the number of its 'picture' or 'clip', counted from 0");
    }
    boolean clip = field.clip() != null;
    boolean timed = field.from() != null || field.to() != null;
    if (clip ? field.picture() != null : timed) {
      throw ApiException.invalid(
          param, "a region is on a 'picture', or on a 'clip', which may have 'from' and 'to'");
    }
    double from = field.from() == null ? 0 : field.from();
    double to = field.to() == null ? Double.MAX_VALUE : field.to();
    if (!(from >= 0 && from <= to)) {
      throw ApiException.invalid(
          param,
          "'from' and 'to' are seconds with 0 <= from <= to, but were %s and %s"
              .formatted(field.from(), field.to()));
    }
    if ((field.box() == null) == (field.polygon() == null)) {
      throw ApiException.invalid(param, "a region needs either a 'box' or a 'polygon'");
    }
    List<Corner> outline =
        field.box() != null ? corners(field.box(), param) : outline(field.polygon(), param);
    return new PictureRegion(clip, number, from, to, outline, Boolean.TRUE.equals(field.drop()));
  }

  private static List<Corner> corners(List<Double> box, String param) {
    if (box.size() != 4
        || !box.stream().allMatch(PictureRegion::isShare)
        || box.get(0) >= box.get(2)
        || box.get(1) >= box.get(3)) {
      throw ApiException.invalid(
          param,
          "'box' is [left, top, right, bottom] as shares from 0 to 1 with left < right and top < bottom, but was %s"
              .formatted(box));
    }
    return List.of(
        new Corner(box.get(0), box.get(1)),
        new Corner(box.get(2), box.get(1)),
        new Corner(box.get(2), box.get(3)),
        new Corner(box.get(0), box.get(3)));
  }

  private static List<Corner> outline(@Nullable List<List<Double>> polygon, String param) {
    boolean valid =
        polygon != null
            && polygon.size() >= 3
            && polygon.size() <= MOST_CORNERS
            && polygon.stream()
                .allMatch(
                    corner ->
                        corner != null
                            && corner.size() == 2
                            && corner.stream().allMatch(PictureRegion::isShare));
    if (polygon == null || !valid) {
      throw ApiException.invalid(
          param,
          "'polygon' has 3 to %d corners [x, y] as shares from 0 to 1".formatted(MOST_CORNERS));
    }
    return polygon.stream().map(corner -> new Corner(corner.get(0), corner.get(1))).toList();
  }

  /**
   * Checks that the regions are on pictures and clips of the request.
   *
   * @param plan drops no frames, if a region is on a clip
   * @throws ApiException if not
   */
  static void check(List<PictureRegion> regions, List<Media> media, PruningPlan plan) {
    int pictures = (int) media.stream().filter(PictureFile.class::isInstance).count();
    for (PictureRegion region : regions) {
      int most = region.clip() ? media.size() - pictures : pictures;
      if (region.picture() >= most) {
        String kind = region.clip() ? "clip" : "picture";
        throw ApiException.invalid(
            "regions",
            "a region is on %s %d, but the conversation has %d %ss, counted from 0"
                .formatted(kind, region.picture(), most, kind));
      }
    }
    boolean dropsFrames =
        plan.steps().stream().anyMatch(step -> step.point().kind() == Point.Kind.FRAMES);
    if (dropsFrames && pictures < media.size() && !regions.isEmpty()) {
      throw ApiException.invalid(
          "regions",
          "regions in a conversation with a clip need a plan that drops no frames; choose frames by 'frames', 'from' and 'to'");
    }
  }

  private static boolean isShare(@Nullable Double value) {
    return value != null && value >= 0 && value <= 1;
  }

  /** Whether a place is inside the outline, by the even-odd rule. */
  boolean contains(double x, double y) {
    boolean inside = false;
    for (int i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
      Corner a = outline.get(i);
      Corner b = outline.get(j);
      if ((a.y() > y) != (b.y() > y)
          && x < (b.x() - a.x()) * (y - a.y()) / (b.y() - a.y()) + a.x()) {
        inside = !inside;
      }
    }
    return inside;
  }

  /** The middle of the bounding box. */
  Corner middle() {
    double left = outline.stream().mapToDouble(Corner::x).min().orElse(0);
    double right = outline.stream().mapToDouble(Corner::x).max().orElse(0);
    double top = outline.stream().mapToDouble(Corner::y).min().orElse(0);
    double bottom = outline.stream().mapToDouble(Corner::y).max().orElse(0);
    return new Corner((left + right) / 2, (top + bottom) / 2);
  }
}
