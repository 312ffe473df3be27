package dev.squint.vision.picture;

import dev.squint.vision.format.UnreadableFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Reads picture files to the pixels that Pillow's {@code convert("RGB")} gives after its {@code
 * exif_transpose}: upright by EXIF or XMP, colour profiles ignored; transparency too, unless a
 * background is given.
 *
 * <p>JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC and AVIF are read; docs/pictures.md lists what happens
 * to each of their traits. One difference from Pillow: of 16 bits of grey the upper 8 count, where
 * Pillow makes nearly everything white.
 *
 * @param maxPixels refuses pictures with more pixels by their header, before anything is decoded
 * @param firstFrameOfAnimations whether to read the first frame of animations, or page of several,
 *     instead of refusing the file
 * @param background what shows through transparent pixels, 0xRRGGBB; empty to ignore transparency
 * @param budget limit for the work of decoding one picture, and a check that stops it
 */
public record PictureReader(
    long maxPixels, boolean firstFrameOfAnimations, OptionalInt background, DecodeBudget budget) {

  /** A hundred million pixels, 300 MB when decoded. */
  public static final long DEFAULT_MAX_PIXELS = 100_000_000;

  /** A gigabyte, more than an uncompressed picture of the default size has. */
  private static final long MAX_FILE_BYTES = 1L << 30;

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if {@code maxPixels} is not positive or the background is no
   *     colour
   */
  public PictureReader {
    if (maxPixels < 1) {
      throw new IllegalArgumentException("maxPixels must be at least 1 but was " + maxPixels);
    }
    if (background.isPresent() && (background.getAsInt() & ~0xffffff) != 0) {
      throw new IllegalArgumentException(
          "a background is 0x000000 to 0xffffff but was 0x%x".formatted(background.getAsInt()));
    }
  }

  /** Reads with the default budget and ignores transparency. */
  public PictureReader(long maxPixels, boolean firstFrameOfAnimations) {
    this(maxPixels, firstFrameOfAnimations, OptionalInt.empty(), DecodeBudget.DEFAULT);
  }

  /** Reads up to {@link #DEFAULT_MAX_PIXELS} pixels and refuses animations. */
  public PictureReader() {
    this(DEFAULT_MAX_PIXELS, false);
  }

  /** Returns this with another budget. */
  public PictureReader withBudget(DecodeBudget budget) {
    return new PictureReader(maxPixels, firstFrameOfAnimations, background, budget);
  }

  /** Returns this reader with a background for transparent pixels, 0xRRGGBB. */
  public PictureReader withBackground(int colour) {
    return new PictureReader(maxPixels, firstFrameOfAnimations, OptionalInt.of(colour), budget);
  }

  /** Returns this reader with a check that stops it, called on the reading thread. */
  public PictureReader cancelledBy(BooleanSupplier cancelled) {
    return withBudget(budget.cancelledBy(cancelled));
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is missing, not a picture, damaged, too large or
   *     animated; the message names the file as it was given
   * @throws UncheckedIOException if it is there but cannot be read
   * @throws CancellationException if the budget says so, or the thread is interrupted
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
   * @throws IllegalArgumentException if it is not a picture, its header is damaged, or decoding it
   *     is more work than the budget allows
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
   * @throws IllegalArgumentException if it is not a picture, damaged, too large, too much work or
   *     animated
   * @throws CancellationException if the budget says so, or the thread is interrupted
   */
  public Picture read(byte[] encoded, String name) {
    PictureHeader header = header(encoded, name);
    if ((long) header.width() * header.height() > maxPixels) {
      throw new IllegalArgumentException(
          "%s has %d x %d pixels; at most %d pixels are read: shrink it or raise the limit"
              .formatted(name, header.width(), header.height(), maxPixels));
    }
    if (header.pixels() > maxPixels) {
      throw new IllegalArgumentException(
          "%s shows a part of %d coded pixels; at most %d are decoded: save that part as a picture"
              .formatted(name, header.pixels(), maxPixels));
    }
    if (header.animated() && !firstFrameOfAnimations) {
      throw new IllegalArgumentException(
          name
              + " has several frames or pages; give an animation as a clip, or save one page as a picture");
    }
    budget.checkCancelled(name);
    DecodedPixels pixels =
        PictureDecoder.decode(encoded, header, background.isPresent(), name, budget);
    if (pixels == null) {
      throw UnreadableFileException.damaged(
          "%s is damaged, cut off, or of a rare kind of %s that is not read"
              .formatted(name, header.format().title()));
    }
    Picture stored = pixels.rgb();
    if (stored.width() != header.width() || stored.height() != header.height()) {
      throw UnreadableFileException.damaged(
          "%s promises %d x %d pixels but holds %d x %d"
              .formatted(name, header.width(), header.height(), stored.width(), stored.height()));
    }
    Picture opaque = background.isPresent() ? pixels.on(background.getAsInt()) : stored;
    return Orientation.upright(opaque, header.orientation());
  }

  private PictureHeader header(byte[] encoded, String name) {
    if (encoded.length == 0) {
      throw UnreadableFileException.empty(name + " is empty (0 bytes)");
    }
    PictureHeader header = PictureHeader.of(encoded, name);
    // Pictures with too many pixels get that message.
    if ((long) header.width() * header.height() <= maxPixels) {
      budget.checkCost(header.visits(), name, header.work());
      DecodeBudget.checkOneCall(header.callNanos(), name, header.work());
    }
    return header;
  }
}
