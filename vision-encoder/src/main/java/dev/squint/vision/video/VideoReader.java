package dev.squint.vision.video;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Opens video files and animations: H.264, HEVC, VP8, VP9, AV1, MPEG-1, -2 and -4, MJPEG and Theora
 * in mp4, mov, webm, mkv, avi and their kin, and GIF, APNG and WebP. What they are is told by their
 * content, not by their name. Files cannot make it read other files or the network.
 *
 * @param maxSeconds refuses longer videos, before anything is decoded
 * @param maxPixels refuses videos with more pixels a frame, before anything is decoded
 */
public record VideoReader(double maxSeconds, long maxPixels) {

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

  /** Reads within the default limits. */
  public VideoReader() {
    this(DEFAULT_MAX_SECONDS, DEFAULT_MAX_PIXELS);
  }

  /**
   * Opens a file.
   *
   * @throws IllegalArgumentException if it is missing, no video, damaged, or beyond a limit; the
   *     message names the file as it was given
   * @throws UncheckedIOException if it is there but cannot be read
   */
  public Video open(Path file) {
    return open(file, file.toString(), header -> {}, false);
  }

  /**
   * Opens a video that is in memory; it is written to a temporary file, which goes when the video
   * is closed.
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
   * @param check is given the header before anything is decoded and may throw what it likes, also
   *     for videos beyond this reader's limits
   * @throws IllegalArgumentException if it is no video, damaged, or beyond a limit
   */
  public Video open(byte[] encoded, String name, Consumer<VideoHeader> check) {
    return open(temporary(encoded, name), name, check, true);
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

  private Video open(Path file, String name, Consumer<VideoHeader> check, boolean temporary) {
    try {
      byte[] start = start(file, name);
      Consumer<VideoHeader> checks = check.andThen(header -> check(header, name));
      Video video =
          WebPAnimation.isWebP(start)
              ? WebPAnimation.open(file, name, checks)
              : StreamedVideo.open(file, name, this, checks, temporary);
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

  /** Whether these are the first bytes of a video or animation and not of a still picture. */
  public static boolean isVideo(Path file) {
    return Files.isRegularFile(file) && VideoSignature.isVideo(start(file, file.toString()));
  }

  /** Whether a file in memory begins as a video or animation and not as a still picture. */
  public static boolean isVideo(byte[] encoded) {
    return VideoSignature.isVideo(Arrays.copyOf(encoded, VideoSignature.BYTES));
  }

  /** Whether a file in memory begins as an animated GIF, PNG or WebP. */
  public static boolean isAnimation(byte[] encoded) {
    return VideoSignature.isAnimation(Arrays.copyOf(encoded, VideoSignature.BYTES));
  }

  private static byte[] start(Path file, String name) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(name + " is a directory, not a video");
    }
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(name + " does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(name + " is not a regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(VideoSignature.BYTES);
      if (start.length == 0) {
        throw new IllegalArgumentException(name + " is empty (0 bytes)");
      }
      return start;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
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
