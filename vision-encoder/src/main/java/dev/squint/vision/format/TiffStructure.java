package dev.squint.vision.format;

import dev.squint.vision.format.TiffDirectory.Entry;
import dev.squint.vision.format.TiffDirectory.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directories of a TIFF file; strips and tiles are not decoded.
 *
 * @param width of the first page, in pixels, 0 if there is none
 * @param height of the first page, in pixels, 0 if there is none
 * @param orientation the tag's value, empty if there is none
 * @param compression the tag's value, 1 if there is none
 * @param pages how many pages there are; small versions and masks are not pages
 * @param visits how many samples decoding the first page goes through, with a share for each strip
 *     or tile
 * @param complete whether all strips or tiles of the first page lie in the file
 * @param cameraRaw whether it holds the raw data of a camera's sensor
 * @param xmp the XMP packet, null if there is none
 * @param rare what its samples are, if they are of a rare kind that is not read; otherwise empty
 * @param palette the colours of the first page, 0xRRGGBB, empty if it has none
 */
public record TiffStructure(
    long width,
    long height,
    int orientation,
    int compression,
    int pages,
    long visits,
    boolean complete,
    boolean cameraRaw,
    @Nullable Extent xmp,
    String rare,
    int[] palette) {

  /** More directories than any file has; each costs a walk over its entries. */
  private static final String EXIF = "Exif\0\0";

  private static final int MAX_DIRECTORIES = 10_000;

  private static final int REDUCED_OR_MASK = 1 | 4;
  private static final long VISITS_PER_PIECE = 4096;
  private static final int COLOUR_FILTER_ARRAY = 32803;
  private static final int LINEAR_RAW = 34892;
  private static final int RGB = 2;
  private static final int RGBA_SAMPLES = 4;
  private static final int CIE_LAB = 8;
  private static final int ITU_LAB = 10;
  private static final int UNSIGNED = 1;
  private static final int SIGNED = 2;
  private static final int FLOAT = 3;
  private static final int UNDEFINED = 4;
  private static final int OLD_JPEG = 6;
  private static final int JPEG = 7;
  private static final int PALETTE = 3;
  private static final int CMYK = 5;
  private static final int MAX_PAGES_KNOWN = 2;

  /** None, fax, LZW, JPEG, deflate and PackBits. */
  private static final Set<Long> COMPRESSIONS =
      Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 32773L, 32946L);

  private static final Map<Long, String> COMPRESSION_NAMES =
      Map.of(
          34712L,
          "JPEG 2000",
          34925L,
          "LZMA",
          50000L,
          "Zstandard",
          50001L,
          "WebP",
          50002L,
          "JPEG XL");

  static boolean isTiff(ByteSource bytes) {
    return bytes.matches(0, "II*\0") || bytes.matches(0, "MM\0*");
  }

  static boolean isBigTiff(ByteSource bytes) {
    return bytes.matches(0, "II+\0") || bytes.matches(0, "MM\0+");
  }

  /** The orientation in an EXIF block, with or without its mark, 0 if there is none. */
  public static int orientation(ByteSource bytes, Extent exif) {
    long at = bytes.matches(exif.at(), EXIF) ? exif.at() + EXIF.length() : exif.at();
    Origin origin = Origin.of(bytes, at);
    if (origin == null) {
      return 0;
    }
    return (int)
        TiffDirectory.of(origin, Math.max(0, origin.number(at + 4, 4)))
            .value(origin, TiffDirectory.ORIENTATION, 0);
  }

  /** Walks over all directories. */
  public static TiffStructure of(ByteSource bytes) {
    Origin origin = Origin.of(bytes, 0);
    List<TiffDirectory> directories = origin == null ? List.of() : directories(origin);
    if (origin == null || directories.isEmpty()) {
      return new TiffStructure(0, 0, 0, 1, 0, 0, false, false, null, "", new int[0]);
    }
    TiffDirectory first = directories.get(0);
    Pieces pieces = Pieces.of(origin, first);
    int pages =
        (int)
            directories.stream()
                .filter(
                    page ->
                        (page.value(origin, TiffDirectory.SUBFILE_TYPE, 0) & REDUCED_OR_MASK) == 0)
                .count();
    Entry xmp = first.entries().get(TiffDirectory.XMP);
    return new TiffStructure(
        first.value(origin, TiffDirectory.WIDTH, 0),
        first.value(origin, TiffDirectory.HEIGHT, 0),
        (int) first.value(origin, TiffDirectory.ORIENTATION, 0),
        (int) first.value(origin, TiffDirectory.COMPRESSION, 1),
        Math.max(1, pages),
        pieces.visits(),
        pieces.complete(),
        isCameraRaw(origin, directories),
        xmp == null ? null : new Extent(xmp.at(), Math.min(xmp.count(), bytes.length())),
        rare(origin, first),
        palette(origin, first));
  }

  private static String rare(Origin origin, TiffDirectory page) {
    long colours = page.value(origin, TiffDirectory.PHOTOMETRIC, 0);
    if (colours >= CIE_LAB && colours <= ITU_LAB) {
      return "L*a*b* colours";
    }
    long format = page.value(origin, TiffDirectory.SAMPLE_FORMAT, UNSIGNED);
    long bits = page.value(origin, TiffDirectory.BITS_PER_SAMPLE, 1);
    long samples = page.value(origin, TiffDirectory.SAMPLES_PER_PIXEL, 1);
    if (colours == RGB && samples > RGBA_SAMPLES) {
      return "%d samples a pixel".formatted(samples);
    }
    if (format == SIGNED) {
      return "signed samples";
    }
    if (format > FLOAT && format != UNDEFINED) {
      return "complex samples";
    }
    if (format == FLOAT && bits != Float.SIZE) {
      return "float samples of %d bits".formatted(bits);
    }
    if (bits > 16 && format != FLOAT) {
      return "samples of %d bits".formatted(bits);
    }
    long predictor = page.value(origin, TiffDirectory.PREDICTOR, 1);
    return predictor > 1 && bits > 8
        ? "differences of samples of %d bits".formatted(bits)
        : rareCoding(origin, page, bits);
  }

  /** What the JDK's reader refuses without a reason, or decodes to other colours. */
  private static String rareCoding(Origin origin, TiffDirectory page, long bits) {
    long compression = page.value(origin, TiffDirectory.COMPRESSION, 1);
    if (!COMPRESSIONS.contains(compression)) {
      return "compression %d (%s)"
          .formatted(compression, COMPRESSION_NAMES.getOrDefault(compression, "unknown"));
    }
    long colours = page.value(origin, TiffDirectory.PHOTOMETRIC, 0);
    long samples = page.value(origin, TiffDirectory.SAMPLES_PER_PIXEL, 1);
    if ((compression == JPEG || compression == OLD_JPEG) && samples != 1 && samples != 3) {
      return "JPEG data of %d samples a pixel".formatted(samples);
    }
    if (colours == PALETTE && samples > 1) {
      return "a palette and opacity";
    }
    return colours == CMYK && bits > 8 ? "CMYK samples of %d bits".formatted(bits) : "";
  }

  /** The upper 8 of the 16 bits of each colour: all reds, then all greens, then all blues. */
  private static int[] palette(Origin origin, TiffDirectory page) {
    Entry entry = page.entries().get(TiffDirectory.PALETTE);
    int colours = entry == null ? 0 : (int) Math.min(256, entry.count() / 3);
    int[] palette = new int[colours];
    for (int i = 0; i < 3 * colours; i++) {
      long value = page.value(origin, TiffDirectory.PALETTE, i, 0) >> 8;
      palette[i % colours] = palette[i % colours] << 8 | (int) value;
    }
    return palette;
  }

  private static List<TiffDirectory> directories(Origin origin) {
    List<TiffDirectory> directories = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    long position = origin.number(4, 4);
    // Only whether there are several pages counts; a chain can be a circle.
    while (position > 0
        && position < origin.bytes().length()
        && seen.add(position)
        && directories.size() < MAX_DIRECTORIES) {
      TiffDirectory directory = TiffDirectory.of(origin, position);
      if (directories.size() >= MAX_PAGES_KNOWN && directory.entries().isEmpty()) {
        break;
      }
      directories.add(directory);
      position = directory.next();
    }
    return directories;
  }

  private static boolean isCameraRaw(Origin origin, List<TiffDirectory> directories) {
    TiffDirectory first = directories.get(0);
    if (first.has(TiffDirectory.DNG_VERSION)) {
      return true;
    }
    List<TiffDirectory> all = new ArrayList<>(directories);
    Entry inner = first.entries().get(TiffDirectory.SUB_DIRECTORIES);
    for (int i = 0; inner != null && i < Math.min(inner.count(), 8); i++) {
      long position = first.value(origin, TiffDirectory.SUB_DIRECTORIES, i, 0);
      if (position > 0) {
        all.add(TiffDirectory.of(origin, position));
      }
    }
    return all.stream()
        .mapToLong(directory -> directory.value(origin, TiffDirectory.PHOTOMETRIC, -1))
        .anyMatch(kind -> kind == COLOUR_FILTER_ARRAY || kind == LINEAR_RAW);
  }

  /** What the strips or tiles of a page cost, and whether they lie in the file. */
  private record Pieces(long visits, boolean complete) {

    private static final Pieces TOO_MUCH = new Pieces(Long.MAX_VALUE, true);

    /** More than any budget, as single pieces are counted up to here. */
    private static final long MAX_PIECES = 1L << 24;

    static Pieces of(Origin origin, TiffDirectory page) {
      long width = page.value(origin, TiffDirectory.WIDTH, 0);
      long height = page.value(origin, TiffDirectory.HEIGHT, 0);
      long samples = page.value(origin, TiffDirectory.SAMPLES_PER_PIXEL, 1);
      long bytesPerSample = Math.max(1, page.value(origin, TiffDirectory.BITS_PER_SAMPLE, 1) / 8);
      boolean tiled = page.has(TiffDirectory.TILE_OFFSETS);
      long pieceWidth = tiled ? page.value(origin, TiffDirectory.TILE_WIDTH, width) : width;
      long pieceHeight =
          tiled
              ? page.value(origin, TiffDirectory.TILE_HEIGHT, height)
              : Math.min(height, page.value(origin, TiffDirectory.ROWS_PER_STRIP, height));
      if (width < 1 || height < 1 || pieceWidth < 1 || pieceHeight < 1) {
        return new Pieces(0, false);
      }
      long planes = page.value(origin, TiffDirectory.PLANAR, 1) == 2 ? samples : 1;
      double pieces =
          Math.ceil((double) width / pieceWidth)
              * Math.ceil((double) height / pieceHeight)
              * planes;
      double visits =
          pieces
              * ((double) pieceWidth * pieceHeight * samples / planes * bytesPerSample
                  + VISITS_PER_PIECE);
      if (pieces > MAX_PIECES || visits > Long.MAX_VALUE / 2.0) {
        return TOO_MUCH;
      }
      return held(origin, page, tiled, (long) pieces, (long) visits);
    }

    private static Pieces held(
        Origin origin, TiffDirectory page, boolean tiled, long pieces, long visits) {
      int offsets = tiled ? TiffDirectory.TILE_OFFSETS : TiffDirectory.STRIP_OFFSETS;
      int lengths = tiled ? TiffDirectory.TILE_BYTES : TiffDirectory.STRIP_BYTES;
      long compression = page.value(origin, TiffDirectory.COMPRESSION, 1);
      boolean jpeg = compression == JPEG || compression == OLD_JPEG;
      long fileBytes = origin.bytes().length();
      long together = 0;
      long total = visits + pieces * oldJpegVisits(origin, page);
      boolean complete = true;
      for (long i = 0; i < pieces; i++) {
        long at = page.value(origin, offsets, i, -1);
        long length = page.value(origin, lengths, i, fileBytes - at);
        complete &= at >= 0 && at + length <= fileBytes;
        together += length;
        // Pieces that share their bytes would be read again and again.
        if (together > 2 * fileBytes + VISITS_PER_PIECE) {
          return complete ? TOO_MUCH : new Pieces(total, false);
        }
        if (jpeg && at >= 0) {
          total += JpegStructure.of(origin.bytes(), at, Math.min(fileBytes, at + length)).visits();
        }
      }
      return new Pieces(total, complete);
    }

    /** Before TIFF's second JPEG scheme one stream was for all strips. */
    private static long oldJpegVisits(Origin origin, TiffDirectory page) {
      long at = page.value(origin, TiffDirectory.JPEG_STREAM, -1);
      return at < 0 ? 0 : JpegStructure.of(origin.bytes(), at, origin.bytes().length()).visits();
    }
  }
}
