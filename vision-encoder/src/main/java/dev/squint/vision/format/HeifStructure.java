package dev.squint.vision.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The picture that a HEIF or AVIF file shows (ISO/IEC 23008-12), and what is done to it before it
 * is shown.
 *
 * @param colours the picture
 * @param alpha its transparency, if there is any of the same size and a kind that is read
 * @param transforms in the order in which they are applied
 */
public record HeifStructure(Coded colours, Optional<Coded> alpha, List<Transform> transforms) {

  /** Brands of still pictures. */
  static final Set<String> BRANDS =
      Set.of("mif1", "mif2", "miaf", "heic", "heix", "heim", "heis", "avif", "j2ki", "jpeg");

  /** Brands of image sequences. */
  static final Set<String> SEQUENCE_BRANDS =
      Set.of("msf1", "hevc", "hevx", "hevm", "hevs", "avis", "avcs", "j2is", "jpgs");

  private static final int MAX_TILES = 10_000;
  private static final int FULL_BOX = 4;

  /**
   * One coded picture, or a grid of tiles.
   *
   * @param type the type of the item, such as {@code hvc1} or {@code grid}
   * @param width in pixels, 0 if the file does not say it
   * @param height in pixels, 0 if the file does not say it
   * @param columns tiles in a row, 1 for a single picture
   * @param tiles row by row; empty if they are of a kind that is not read
   */
  public record Coded(String type, int width, int height, int columns, List<Tile> tiles) {

    static final Coded NONE = new Coded("", 0, 0, 1, List.of());

    /** Pixels of all tiles. */
    public long pixels() {
      return tiles.stream().mapToLong(tile -> (long) tile.width() * tile.height()).sum();
    }
  }

  /**
   * A tile, or a picture that is none.
   *
   * @param av1 whether it is coded in AV1; otherwise in HEVC
   * @param configuration the decoder's configuration record
   * @param data where its data are
   * @param width in pixels, 0 if the file does not say it
   * @param height in pixels, 0 if the file does not say it
   * @param matrix the colour matrix that the file declares (ITU-T H.273), -1 if it leaves that to
   *     the coded data
   * @param fullRange whether the samples use the full range, if a matrix is declared
   */
  public record Tile(
      boolean av1,
      Extent configuration,
      List<Extent> data,
      int width,
      int height,
      int matrix,
      boolean fullRange) {}

  /** The transformations of a decoded picture. */
  public sealed interface Transform {

    /** Turned anticlockwise by 0, 90, 180 or 270 degrees. */
    record Turn(int anticlockwise) implements Transform {}

    /** Upper and lower, or left and right half exchanged. */
    record Mirror(boolean leftAndRight) implements Transform {}

    /**
     * Cut out around the centre; offsets are from centre to centre.
     *
     * @param width in pixels
     * @param height in pixels
     */
    record Crop(int width, int height, double right, double down) implements Transform {}
  }

  /** Whether a {@code meta} box describes a picture. */
  static boolean isPicture(ByteSource bytes, IsoBox meta) {
    List<IsoBox> boxes = meta.children(bytes, FULL_BOX);
    IsoBox handler = IsoBox.first(boxes, "hdlr");
    return handler != null
        && bytes.matches(handler.at() + 8, "pict")
        && IsoBox.first(boxes, "pitm") != null;
  }

  static boolean isAvif(ByteSource bytes, IsoBox meta) {
    HeifItems items = new HeifItems(bytes, meta);
    long shown = items.primary();
    List<Long> tiles = items.references("dimg", shown);
    return items.type(tiles.isEmpty() ? shown : tiles.get(0)).equals("av01");
  }

  /** Reads the tables of a file; without tiles if it is damaged or of another kind. */
  public static HeifStructure of(ByteSource bytes) {
    IsoBox meta = IsoBox.first(IsoBox.all(bytes), "meta");
    if (meta == null || !meta.whole()) {
      return new HeifStructure(Coded.NONE, Optional.empty(), List.of());
    }
    HeifItems items = new HeifItems(bytes, meta);
    long shown = items.primary();
    Coded colours = coded(bytes, items, shown);
    // Another size would have to be stretched; a grid may declare more than its tiles cover.
    Optional<Coded> alpha =
        alpha(bytes, items, shown)
            .filter(
                own ->
                    own.width() == colours.width()
                        && own.height() == colours.height()
                        && (long) own.width() * own.height() <= own.pixels());
    return new HeifStructure(colours, alpha, transforms(bytes, items, shown));
  }

  private static Coded coded(ByteSource bytes, HeifItems items, long item) {
    String type = items.type(item);
    List<Tile> tiles = new ArrayList<>();
    IsoBox colour = declaredColour(bytes, items, item);
    if (!type.equals("grid")) {
      addTile(bytes, items, item, colour, tiles);
      IsoBox size = items.property(item, "ispe");
      return new Coded(
          type,
          size == null ? 0 : side(bytes, size.at() + FULL_BOX),
          size == null ? 0 : side(bytes, size.at() + FULL_BOX + 4),
          1,
          List.copyOf(tiles));
    }
    Grid grid = Grid.of(bytes, items, item);
    List<Long> references = items.references("dimg", item);
    if (grid == null
        || references.size() != grid.rows() * grid.columns()
        || references.size() > MAX_TILES) {
      return new Coded(type, 0, 0, 1, List.of());
    }
    references.forEach(tile -> addTile(bytes, items, tile, colour, tiles));
    boolean all = tiles.size() == references.size();
    return new Coded(
        type, grid.width(), grid.height(), grid.columns(), all ? List.copyOf(tiles) : List.of());
  }

  /** The size of the picture as it is shown: width, height. */
  public int[] shownSize() {
    int[] size = {colours.width(), colours.height()};
    for (Transform transform : transforms) {
      if (transform instanceof Transform.Crop crop) {
        size = new int[] {crop.width(), crop.height()};
      } else if (transform instanceof Transform.Turn turn && turn.anticlockwise() % 180 != 0) {
        size = new int[] {size[1], size[0]};
      }
    }
    return size;
  }

  private static int side(ByteSource bytes, long at) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(0, bytes.bigEndian(at, 4)));
  }

  private static void addTile(
      ByteSource bytes,
      HeifItems items,
      long item,
      @Nullable IsoBox pictureColour,
      List<Tile> tiles) {
    boolean av1 = items.type(item).equals("av01");
    boolean hevc = items.type(item).equals("hvc1") || items.type(item).equals("hev1");
    IsoBox configuration = items.property(item, av1 ? "av1C" : "hvcC");
    if (!(av1 || hevc) || configuration == null || items.data(item).isEmpty()) {
      return;
    }
    IsoBox size = items.property(item, "ispe");
    IsoBox own = declaredColour(bytes, items, item);
    IsoBox colour = own == null ? pictureColour : own;
    tiles.add(
        new Tile(
            av1,
            new Extent(configuration.at(), configuration.end() - configuration.at()),
            items.data(item),
            size == null ? 0 : side(bytes, size.at() + FULL_BOX),
            size == null ? 0 : side(bytes, size.at() + FULL_BOX + 4),
            colour == null ? -1 : (int) bytes.bigEndian(colour.at() + 8, 2),
            colour != null && bytes.u8(colour.at() + 10) >= 0x80));
  }

  private static @Nullable IsoBox declaredColour(ByteSource bytes, HeifItems items, long item) {
    return items.properties(item).stream()
        .filter(box -> box.type().equals("colr") && bytes.matches(box.at(), "nclx"))
        .findFirst()
        .orElse(null);
  }

  private static Optional<Coded> alpha(ByteSource bytes, HeifItems items, long shown) {
    for (long item : items.referring("auxl", shown)) {
      IsoBox kind = items.property(item, "auxC");
      String name = kind == null ? "" : bytes.letters(kind.at() + FULL_BOX, 64);
      if (name.startsWith("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
          || name.startsWith("urn:mpeg:hevc:2015:auxid:1")) {
        Coded alpha = coded(bytes, items, item);
        return alpha.tiles().isEmpty() ? Optional.empty() : Optional.of(alpha);
      }
    }
    return Optional.empty();
  }

  private static List<Transform> transforms(ByteSource bytes, HeifItems items, long shown) {
    List<Transform> transforms = new ArrayList<>();
    for (IsoBox property : items.properties(shown)) {
      switch (property.type()) {
        case "irot" ->
            transforms.add(new Transform.Turn(90 * (Math.max(0, bytes.u8(property.at())) & 3)));
        // As EXIF orientation 4 for 0, as 2 for 1.
        case "imir" -> transforms.add(new Transform.Mirror((bytes.u8(property.at()) & 1) == 1));
        case "clap" -> {
          double[] numbers = new double[4];
          for (int i = 0; i < 4; i++) {
            numbers[i] =
                (double) (int) bytes.bigEndian(property.at() + 8L * i, 4)
                    / (int) bytes.bigEndian(property.at() + 8L * i + 4, 4);
          }
          transforms.add(
              new Transform.Crop(
                  (int) Math.round(numbers[0]),
                  (int) Math.round(numbers[1]),
                  numbers[2],
                  numbers[3]));
        }
        default -> {}
      }
    }
    return List.copyOf(transforms);
  }

  /** The content of an item of type {@code grid}. */
  private record Grid(int rows, int columns, int width, int height) {

    static @Nullable Grid of(ByteSource bytes, HeifItems items, long item) {
      List<Extent> data = items.data(item);
      if (data.isEmpty()) {
        return null;
      }
      long at = data.get(0).at();
      boolean wide = (bytes.u8(at + 1) & 1) != 0;
      int sideBytes = wide ? 4 : 2;
      int rows = 1 + bytes.u8(at + 2);
      int columns = 1 + bytes.u8(at + 3);
      long width = bytes.bigEndian(at + 4, sideBytes);
      long height = bytes.bigEndian(at + 4 + sideBytes, sideBytes);
      boolean sound = rows > 0 && columns > 0 && width > 0 && height > 0;
      return sound && width <= Integer.MAX_VALUE && height <= Integer.MAX_VALUE
          ? new Grid(rows, columns, (int) width, (int) height)
          : null;
    }
  }
}
