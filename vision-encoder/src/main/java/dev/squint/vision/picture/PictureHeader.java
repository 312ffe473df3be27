package dev.squint.vision.picture;

import dev.squint.vision.format.BmpStructure;
import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.Extent;
import dev.squint.vision.format.FileFormat;
import dev.squint.vision.format.GifStructure;
import dev.squint.vision.format.HeifStructure;
import dev.squint.vision.format.JpegStructure;
import dev.squint.vision.format.PngStructure;
import dev.squint.vision.format.TiffStructure;
import dev.squint.vision.format.UnreadableFileException;
import dev.squint.vision.format.WebpStructure;
import org.jspecify.annotations.Nullable;

/**
 * What a picture file says about itself before it is decoded.
 *
 * @param format by the file's structure and not by its name
 * @param width in pixels as stored, before turning
 * @param height in pixels as stored, before turning
 * @param orientation 1 to 8, by EXIF, otherwise by XMP; 1 if it is not given or makes no sense
 * @param frames how many frames or pages there are; of animations at least 2
 * @param pixels most pixels that a decoder holds at once; a picture can be a small part of what is
 *     coded
 * @param visits how much work decoding is, as {@link DecodeBudget} counts
 * @param callNanos how long the longest call of its decoder takes that cannot be stopped, 0 if all
 *     can be
 * @param work what makes that work, for messages
 */
record PictureHeader(
    FileFormat format,
    int width,
    int height,
    int orientation,
    int frames,
    long pixels,
    long visits,
    long callNanos,
    String work) {

  private static final int BMP_JPEG = 4;

  /** WebP, HEVC and AV1 take some ten times as long as copying a pixel. */
  private static final long VISITS_PER_CODED_PIXEL = 10;

  /**
   * Reads the header.
   *
   * @throws IllegalArgumentException if these are not the bytes of a picture that can be read
   */
  static PictureHeader of(byte[] encoded, String name) {
    ByteSource bytes = ByteSource.of(encoded);
    FileFormat format = FileFormat.of(bytes);
    PictureHeader header =
        switch (format) {
          case JPEG -> ofJpeg(bytes);
          case PNG, APNG -> ofPng(bytes, format);
          case GIF, ANIMATED_GIF -> ofGif(bytes, format);
          case BMP -> ofBmp(bytes, name);
          case TIFF -> ofTiff(bytes, name);
          case WEBP, ANIMATED_WEBP -> ofWebp(bytes, format);
          case HEIF, AVIF -> ofHeif(bytes, format, name);
          default -> throw new IllegalArgumentException(PictureFormats.refusal(format, name));
        };
    if (header.width() < 1 || header.height() < 1) {
      throw UnreadableFileException.damaged(name + " is damaged or cut off: no picture header");
    }
    return header;
  }

  /** Whether there are several frames or pages. */
  boolean animated() {
    return frames > 1;
  }

  private static PictureHeader ofJpeg(ByteSource bytes) {
    JpegStructure jpeg = JpegStructure.of(bytes);
    return new PictureHeader(
        FileFormat.JPEG,
        jpeg.width(),
        jpeg.height(),
        orientation(bytes, jpeg.exif(), jpeg.xmp()),
        1,
        (long) jpeg.width() * jpeg.height(),
        jpeg.visits(),
        0,
        "%d scans of %d x %d pixels".formatted(jpeg.scans(), jpeg.width(), jpeg.height()));
  }

  private static PictureHeader ofPng(ByteSource bytes, FileFormat format) {
    PngStructure png = PngStructure.of(bytes);
    int orientation = valid(PngOrientation.of(bytes, png));
    return plain(format, png.width(), png.height(), orientation, png.frames());
  }

  private static PictureHeader ofGif(ByteSource bytes, FileFormat format) {
    GifStructure gif = GifStructure.of(bytes);
    int width = Math.max(gif.width(), gif.first().left() + gif.first().width());
    int height = Math.max(gif.height(), gif.first().top() + gif.first().height());
    return plain(format, gif.frames() == 0 ? 0 : width, height, 1, gif.frames());
  }

  private static PictureHeader ofBmp(ByteSource bytes, String name) {
    BmpStructure bmp = BmpStructure.of(bytes);
    if (bmp.compression() == BMP_JPEG || bmp.compression() == BMP_JPEG + 1) {
      throw new IllegalArgumentException(
          name + " is a BMP file that holds a JPEG or PNG file; save it as that");
    }
    return plain(FileFormat.BMP, bmp.width(), bmp.height(), 1, 1);
  }

  private static PictureHeader ofTiff(ByteSource bytes, String name) {
    TiffStructure tiff = TiffStructure.of(bytes);
    if (!tiff.complete()) {
      throw UnreadableFileException.damaged(
          name + " is damaged or cut off: its strips or tiles lie beyond the end of the file");
    }
    if (!tiff.rare().isEmpty()) {
      throw new IllegalArgumentException(
          "%s is a TIFF file with %s, which is not read; save it with samples of 8 bits as TIFF or PNG"
              .formatted(name, tiff.rare()));
    }
    PictureHeader plain = plain(FileFormat.TIFF, tiff.width(), tiff.height(), 1, tiff.pages());
    int orientation = tiff.orientation();
    if (orientation == 0 && tiff.xmp() != null) {
      orientation = Xmp.orientation(bytes, tiff.xmp());
    }
    return new PictureHeader(
        FileFormat.TIFF,
        plain.width(),
        plain.height(),
        valid(orientation),
        tiff.pages(),
        plain.pixels(),
        tiff.visits(),
        0,
        "strips or tiles that are many, overlap, or are much larger than its %d x %d pixels"
            .formatted(tiff.width(), tiff.height()));
  }

  private static PictureHeader ofWebp(ByteSource bytes, FileFormat format) {
    WebpStructure webp = WebpStructure.of(bytes);
    int frames = Math.max(1, webp.frames().size());
    return new PictureHeader(
        format,
        webp.width(),
        webp.height(),
        orientation(bytes, webp.exif(), webp.xmp()),
        frames,
        Math.max((long) webp.width() * webp.height(), webp.largest()),
        VISITS_PER_CODED_PIXEL * webp.pixels(),
        CallTime.webp(webp.pixels(), bytes.length()),
        "%d pixels in all frames and %d bytes".formatted(webp.pixels(), bytes.length()));
  }

  /** The size is that of the picture as it is shown; its transforms are applied by the decoder. */
  private static PictureHeader ofHeif(ByteSource bytes, FileFormat format, String name) {
    HeifStructure heif = HeifStructure.of(bytes);
    HeifStructure.Coded coded = heif.colours();
    long pixels = coded.pixels() + heif.alpha().map(HeifStructure.Coded::pixels).orElse(0L);
    if (coded.tiles().isEmpty()) {
      if (coded.type().isEmpty()) {
        throw UnreadableFileException.damaged(name + " is damaged or cut off: no picture header");
      }
      throw new IllegalArgumentException(
          "%s is a file of type %s coded in %s; only HEVC and AV1 are read: save it as JPEG or PNG"
              .formatted(
                  name,
                  format.title(),
                  coded.type().matches("[a-zA-Z0-9]{4}") ? coded.type() : "another codec"));
    }
    if ((long) coded.width() * coded.height() > coded.pixels()) {
      throw UnreadableFileException.damaged(
          "%s is damaged: its %d tiles do not cover %d x %d pixels"
              .formatted(name, coded.tiles().size(), coded.width(), coded.height()));
    }
    int[] shown = heif.shownSize();
    return new PictureHeader(
        format,
        shown[0],
        shown[1],
        1,
        1,
        Math.max(pixels, (long) shown[0] * shown[1]),
        VISITS_PER_CODED_PIXEL * pixels,
        CallTime.heif(coded),
        "%d tiles with %d pixels".formatted(coded.tiles().size(), pixels));
  }

  private static PictureHeader plain(
      FileFormat format, long width, long height, int orientation, int frames) {
    long visits = width * height * 4;
    return new PictureHeader(
        format,
        (int) Math.min(Integer.MAX_VALUE, width),
        (int) Math.min(Integer.MAX_VALUE, height),
        orientation,
        frames,
        width * height,
        visits,
        0,
        "%d x %d pixels".formatted(width, height));
  }

  private static int orientation(ByteSource bytes, @Nullable Extent exif, @Nullable Extent xmp) {
    int orientation = exif == null ? 0 : TiffStructure.orientation(bytes, exif);
    if (orientation == 0 && xmp != null) {
      orientation = Xmp.orientation(bytes, xmp);
    }
    return valid(orientation);
  }

  private static int valid(int orientation) {
    return orientation < 1 || orientation > 8 ? 1 : orientation;
  }
}
