package dev.squint.webapp.answering;

import dev.squint.webapp.answering.Turn.Part.Media;
import dev.squint.webapp.answering.Turn.Part.PictureFile;
import dev.squint.webapp.http.ApiException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a picture whose visual tokens are kept or dropped before the plan acts. Coordinates are
 * shares of the picture's width and height.
 *
 * @param picture number of the picture among those of the request, from 0
 * @param outline corners, at least three
 * @param drop whether its tokens are dropped; otherwise those outside of it are
 */
public record PictureRegion(int picture, List<Corner> outline, boolean drop) {

  private static final int MOST = 256;
  private static final int MOST_CORNERS = 200;

  /** A corner, as shares of the picture's width and height in [0, 1]. */
  public record Corner(double x, double y) {}

  /** A region as requests write it. */
  public record Field(
      @Schema(description = "Number of the picture, from 0.", example = "0")
          @Nullable Integer picture,
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
    if (field == null || field.picture() == null || field.picture() < 0) {
      throw ApiException.invalid(
          param, "a region needs the number of its 'picture', counted from 0");
    }
    if ((field.box() == null) == (field.polygon() == null)) {
      throw ApiException.invalid(param, "a region needs either a 'box' or a 'polygon'");
    }
    List<Corner> outline =
        field.box() != null ? corners(field.box(), param) : outline(field.polygon(), param);
    return new PictureRegion(field.picture(), outline, Boolean.TRUE.equals(field.drop()));
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
   * Checks that the regions are on pictures of the request.
   *
   * @throws ApiException if not, or if there are clips, whose frames the model chooses
   */
  static void check(List<PictureRegion> regions, List<Media> media) {
    if (regions.isEmpty()) {
      return;
    }
    if (!media.stream().allMatch(PictureFile.class::isInstance)) {
      throw ApiException.invalid(
          "regions",
          "regions are parts of pictures, but the conversation has a clip; send its frames as pictures");
    }
    for (PictureRegion region : regions) {
      if (region.picture() >= media.size()) {
        throw ApiException.invalid(
            "regions",
            "a region is on picture %d, but the conversation has %d pictures, counted from 0"
                .formatted(region.picture(), media.size()));
      }
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
