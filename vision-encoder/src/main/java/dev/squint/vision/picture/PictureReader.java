package dev.squint.vision.picture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads picture files to the pixels that Pillow's {@code convert("RGB")} gives after its {@code
 * exif_transpose}: upright by their EXIF orientation, transparency and colour profiles ignored.
 *
 * <p>JPEG, PNG, GIF, BMP, TIFF and WebP are read. Two differences from Pillow: of 16 bits of grey
 * the upper 8 count, where Pillow makes nearly everything white; and CMYK may differ by 1.
 *
 * @param maxPixels refuses pictures with more pixels by their header, before anything is decoded
 * @param firstFrameOfAnimations whether to read the first frame of animations, or page of several,
 *     instead of refusing the file
 */
public record PictureReader(long maxPixels, boolean firstFrameOfAnimations) {

  /** A hundred million pixels, 300 MB when decoded. */
  public static final long DEFAULT_MAX_PIXELS = 100_000_000;

  /** A gigabyte, more than an uncompressed picture of the default size has. */
  private static final long MAX_FILE_BYTES = 1L << 30;

  /**
   * Checks the limit.
   *
   * @throws IllegalArgumentException if {@code maxPixels} is not positive
   */
  public PictureReader {
    if (maxPixels < 1) {
      throw new IllegalArgumentException("maxPixels must be at least 1 but was " + maxPixels);
    }
  }

  /** Reads up to {@link #DEFAULT_MAX_PIXELS} pixels and refuses animations. */
  public PictureReader() {
    this(DEFAULT_MAX_PIXELS, false);
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is missing, not a picture, damaged, too large or
   *     animated; the message names the file as it was given
   * @throws UncheckedIOException if it is there but cannot be read
   */
  public Picture read(Path file) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(file + " is a directory, not a picture");
    }
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(file + " does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + " is not a regular file");
    }
    byte[] encoded;
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw new IllegalArgumentException(
            "%s has %d bytes; a picture file may have %d".formatted(file, bytes, MAX_FILE_BYTES));
      }
      encoded = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
    return read(encoded, file.toString());
  }

  /**
   * The size of an encoded picture, upright, by its header; nothing is decoded.
   *
   * @param name what error messages call it
   * @throws IllegalArgumentException if it is not a picture or its header is damaged
   */
  public Dimensions size(byte[] encoded, String name) {
    PictureHeader header = header(encoded, name);
    return Orientation.swapsSides(header.orientation())
        ? new Dimensions(header.height(), header.width())
        : new Dimensions(header.width(), header.height());
  }

  /**
   * Reads an encoded picture from memory.
   *
   * @param name what error messages call it
   * @throws IllegalArgumentException if it is not a picture, damaged, too large or animated
   */
  public Picture read(byte[] encoded, String name) {
    PictureHeader header = header(encoded, name);
    if ((long) header.width() * header.height() > maxPixels) {
      throw new IllegalArgumentException(
          "%s has %d x %d pixels; at most %d pixels are read: shrink it or raise the limit"
              .formatted(name, header.width(), header.height(), maxPixels));
    }
    if (header.animated() && !firstFrameOfAnimations) {
      throw new IllegalArgumentException(
          name + " has several frames or pages; save the one to look at as a picture of its own");
    }
    Picture stored = PictureDecoder.decode(encoded, header);
    if (stored == null) {
      throw new IllegalArgumentException(
          "%s is damaged, cut off, or of a rare kind of %s that is not read"
              .formatted(name, header.type().getName()));
    }
    if (stored.width() != header.width() || stored.height() != header.height()) {
      throw new IllegalArgumentException(
          "%s promises %d x %d pixels but holds %d x %d"
              .formatted(name, header.width(), header.height(), stored.width(), stored.height()));
    }
    return Orientation.upright(stored, header.orientation());
  }

  private static PictureHeader header(byte[] encoded, String name) {
    if (encoded.length == 0) {
      throw new IllegalArgumentException(name + " is empty (0 bytes)");
    }
    return PictureHeader.of(encoded, name);
  }
}
