package dev.squint.vision.video;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.FileFormat;
import dev.squint.vision.format.UnreadableFileException;
import dev.squint.vision.picture.DecodeBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Opens video files and animations: H.264, HEVC, VP8, VP9, AV1, MPEG-1, -2 and -4, MJPEG and Theora
 * in mp4, mov, webm, mkv, avi and similar containers, and GIF, APNG and WebP. The format is
 * recognised by content, not by name. A file cannot cause other files or the network to be read.
 *
 * @param maxSeconds refuses longer videos, before anything is decoded
 * @param maxPixels refuses videos with more pixels per frame, before anything is decoded
 * @param budget limit for the work of decoding an animation, and a check that stops opening and
 *     reading
 */
public record VideoReader(double maxSeconds, long maxPixels, DecodeBudget budget) {

  /** Six hours. */
  public static final double DEFAULT_MAX_SECONDS = 6 * 3600;

  /** Above 8K, 7680 x 4320. */
  public static final long DEFAULT_MAX_PIXELS = 36_000_000;

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if a limit is not positive
   */
  public VideoReader {
    if (!(maxSeconds > 0) || maxPixels < 1) {
      throw new IllegalArgumentException(
          "limits must be above 0 but were %s seconds and %d pixels"
              .formatted(maxSeconds, maxPixels));
    }
  }

  /** Reads with the default budget. */
  public VideoReader(double maxSeconds, long maxPixels) {
    this(maxSeconds, maxPixels, DecodeBudget.DEFAULT);
  }

  /** Reads within the default limits. */
  public VideoReader() {
    this(DEFAULT_MAX_SECONDS, DEFAULT_MAX_PIXELS);
  }

  /** Returns this with another budget. */
  public VideoReader withBudget(DecodeBudget budget) {
    return new VideoReader(maxSeconds, maxPixels, budget);
  }

  /** Returns this reader with a check that stops it, called on the opening or reading thread. */
  public VideoReader cancelledBy(BooleanSupplier cancelled) {
    return withBudget(budget.cancelledBy(cancelled));
  }

  /**
   * Opens a file.
   *
   * @throws IllegalArgumentException if it is missing, no video, damaged, or beyond a limit; the
   *     message names the file as it was given
   * @throws UncheckedIOException if it is there but cannot be read
   */
  public Video open(Path file) {
    String name = file.toString();
    return open(file, format(file, name), name, header -> {}, false);
  }

  /**
   * Opens a video that is in memory; it is written to a temporary file, which is deleted when the
   * video is closed.
   *
   * @param name what error messages call it
   * @throws IllegalArgumentException if it is no video, damaged, or beyond a limit
   */
  public Video open(byte[] encoded, String name) {
    return open(encoded, name, header -> {});
  }

  /**
   * Opens a video that is in memory, as {@link #open(byte[], String)}.
   *
   * @param check called with the header before anything is decoded, also for videos beyond this
   *     reader's limits; may throw
   * @throws IllegalArgumentException if it is no video, damaged, or beyond a limit
   */
  public Video open(byte[] encoded, String name, Consumer<VideoHeader> check) {
    if (encoded.length == 0) {
      throw UnreadableFileException.empty(name + " is empty (0 bytes)");
    }
    FileFormat format = FileFormat.of(encoded);
    // Before it is written to a file.
    checkMoving(format, name);
    return open(temporary(encoded, name), format, name, check, true);
  }

  private static Path temporary(byte[] encoded, String name) {
    Path file = null;
    try {
      file = Files.createTempFile("squint-", ".video");
      return Files.write(file, encoded);
    } catch (IOException e) {
      if (file != null) {
        StreamedVideo.delete(file);
      }
      throw new UncheckedIOException(name + " cannot be written to a temporary file", e);
    }
  }

  private Video open(
      Path file, FileFormat format, String name, Consumer<VideoHeader> check, boolean temporary) {
    try {
      checkMoving(format, name);
      Consumer<VideoHeader> checks = check.andThen(header -> check(header, name));
      Video video =
          format == FileFormat.ANIMATED_WEBP
              ? WebPAnimation.open(file, name, checks, budget)
              : StreamedVideo.open(file, format, name, this, checks, temporary);
      if (temporary && video instanceof WebPAnimation) {
        StreamedVideo.delete(file);
      }
      return video;
    } catch (RuntimeException e) {
      if (temporary) {
        StreamedVideo.delete(file);
      }
      throw e;
    }
  }

  private static void checkMoving(FileFormat format, String name) {
    // GIF files with one frame are read too.
    if (format.isPicture() && format != FileFormat.GIF) {
      throw new IllegalArgumentException(
          "%s is a still picture (%s), not a video; ask about it as a picture"
              .formatted(name, format.title()));
    }
  }

  /** Whether a file is a video or animation and not a still picture. */
  public static boolean isVideo(Path file) {
    return Files.isRegularFile(file) && isMoving(format(file, file.toString()));
  }

  /** Whether a file in memory is a video or animation and not a still picture. */
  public static boolean isVideo(byte[] encoded) {
    return isMoving(FileFormat.of(encoded));
  }

  /** Whether a file in memory is a GIF, PNG, WebP, AVIF or HEIF file with several frames. */
  public static boolean isAnimation(byte[] encoded) {
    return FileFormat.of(encoded).isAnimation();
  }

  private static boolean isMoving(FileFormat format) {
    return format.isVideo() || format.isAnimation();
  }

  private static FileFormat format(Path file, String name) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(name + " is a directory, not a video");
    }
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(name + " does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(name + " is not a regular file");
    }
    try (ByteSource bytes = ByteSource.open(file)) {
      if (bytes.length() == 0) {
        throw UnreadableFileException.empty(name + " is empty (0 bytes)");
      }
      return FileFormat.of(bytes);
    }
  }

  /** Refuses what is beyond the limits. */
  private void check(VideoHeader header, String name) {
    if ((long) header.width() * header.height() > maxPixels) {
      throw new IllegalArgumentException(
          "%s has frames of %d x %d pixels; at most %d pixels are read: shrink it or raise the limit"
              .formatted(name, header.width(), header.height(), maxPixels));
    }
    if (header.seconds() > maxSeconds) {
      throw new IllegalArgumentException(
          "%s is %.0f seconds long; at most %.0f are read: cut it or raise the limit"
              .formatted(name, header.seconds(), maxSeconds));
    }
  }
}
