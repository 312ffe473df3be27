package dev.squint.vision.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a WebP file (RIFF, RFC 9649).
 *
 * @param width of the canvas, in pixels, 0 if there is no header
 * @param height of the canvas, in pixels, 0 if there is no header
 * @param frames the frames of an animation, empty for a still picture
 * @param pixels all pixels that are decoded: of the picture, or of all frames
 * @param largest pixels of the largest image, whatever the canvas
 * @param exif the EXIF block, null if there is none
 * @param xmp the XMP packet, null if there is none
 */
public record WebpStructure(
    int width,
    int height,
    List<Frame> frames,
    long pixels,
    long largest,
    @Nullable Extent exif,
    @Nullable Extent xmp) {

  /**
   * A frame of an animation.
   *
   * @param millis how long it is shown
   */
  public record Frame(int width, int height, int millis) {}

  private static final int HEADER_BYTES = 12;
  private static final int CHUNK_BYTES = 8;
  private static final int FRAME_HEADER_BYTES = 16;
  private static final String EXIF = "Exif\0\0";

  static boolean isWebp(ByteSource bytes) {
    return bytes.matches(0, "RIFF") && bytes.matches(8, "WEBP");
  }

  /** Walks over all chunks, those of frames too. */
  public static WebpStructure of(ByteSource bytes) {
    Walk walk = new Walk(bytes);
    walk.chunks(HEADER_BYTES, bytes.length(), Integer.MAX_VALUE);
    return walk.result();
  }

  /** Whether there are at least two frames; what comes after the second one is not read. */
  static boolean isAnimated(ByteSource bytes) {
    Walk walk = new Walk(bytes);
    walk.chunks(HEADER_BYTES, bytes.length(), 2);
    return walk.frames.size() > 1;
  }

  private static final class Walk {
    private final ByteSource bytes;
    private final List<Frame> frames = new ArrayList<>();
    private int canvasWidth;
    private int canvasHeight;
    private int width;
    private int height;
    private long pixels;
    private long largest;
    private @Nullable Extent exif;
    private @Nullable Extent xmp;

    Walk(ByteSource bytes) {
      this.bytes = bytes;
    }

    void chunks(long from, long end, int mostFrames) {
      for (long at = from; at + CHUNK_BYTES <= end && frames.size() < mostFrames; ) {
        long length = bytes.littleEndian(at + 4, 4);
        long content = at + CHUNK_BYTES;
        chunk(bytes.letters(at, 4), content, Math.max(0, Math.min(length, end - content)));
        at = content + length + length % 2;
      }
    }

    private void chunk(String type, long at, long length) {
      switch (type) {
        case "VP8X" -> {
          canvasWidth = 1 + (int) bytes.littleEndian(at + 4, 3);
          canvasHeight = 1 + (int) bytes.littleEndian(at + 7, 3);
        }
        case "VP8 " ->
            image(
                (int) bytes.littleEndian(at + 6, 2) & 0x3fff,
                (int) bytes.littleEndian(at + 8, 2) & 0x3fff);
        case "VP8L" -> {
          int sizes = (int) bytes.littleEndian(at + 1, 4);
          image(1 + (sizes & 0x3fff), 1 + (sizes >> 14 & 0x3fff));
        }
        // Alpha is coded as a picture of its own.
        case "ALPH" -> pixels += (long) canvasWidth * canvasHeight;
        case "ANMF" -> {
          frames.add(
              new Frame(
                  1 + (int) bytes.littleEndian(at + 6, 3),
                  1 + (int) bytes.littleEndian(at + 9, 3),
                  (int) Math.max(0, bytes.littleEndian(at + 12, 3))));
          for (long inner = at + FRAME_HEADER_BYTES; inner + CHUNK_BYTES <= at + length; ) {
            long innerLength = bytes.littleEndian(inner + 4, 4);
            String innerType = bytes.letters(inner, 4);
            if (innerType.equals("VP8 ") || innerType.equals("VP8L") || innerType.equals("ALPH")) {
              chunk(innerType, inner + CHUNK_BYTES, innerLength);
            }
            inner += CHUNK_BYTES + innerLength + innerLength % 2;
          }
        }
        case "EXIF" ->
            exif =
                bytes.matches(at, EXIF)
                    ? new Extent(at + EXIF.length(), Math.max(0, length - EXIF.length()))
                    : new Extent(at, length);
        case "XMP " -> xmp = new Extent(at, length);
        default -> {}
      }
    }

    private void image(int imageWidth, int imageHeight) {
      width = Math.max(width, imageWidth);
      height = Math.max(height, imageHeight);
      pixels += (long) imageWidth * imageHeight;
      largest = Math.max(largest, (long) imageWidth * imageHeight);
    }

    WebpStructure result() {
      // An animation repaints its canvas for each frame.
      long canvas = (long) canvasWidth * canvasHeight * frames.size();
      return new WebpStructure(
          canvasWidth > 0 ? canvasWidth : width,
          canvasHeight > 0 ? canvasHeight : height,
          List.copyOf(frames),
          pixels + canvas,
          largest,
          exif,
          xmp);
    }
  }
}
