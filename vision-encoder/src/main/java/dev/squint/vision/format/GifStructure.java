package dev.squint.vision.format;

/**
 * The blocks of a GIF file (GIF89a).
 *
 * @param width of the canvas, in pixels
 * @param height of the canvas, in pixels
 * @param frames how many images it holds
 * @param first the place of the first image on the canvas
 * @param ground the colour of the canvas around the first image, 0xRRGGBB: the transparent colour,
 *     or the first one of the palette
 * @param clear whether the canvas around the first image is transparent
 * @param data position of the data of the first image, 0 if there is none
 */
public record GifStructure(
    int width, int height, int frames, Frame first, int ground, boolean clear, long data) {

  /** Place and size of an image on the canvas, in pixels. */
  public record Frame(int left, int top, int width, int height) {}

  private static final int HEADER_BYTES = 13;
  private static final int EXTENSION = 0x21;
  private static final int GRAPHIC_CONTROL = 0xf9;
  private static final int IMAGE = 0x2c;
  private static final int TRAILER = 0x3b;

  static boolean isGif(ByteSource bytes) {
    return bytes.matches(0, "GIF87a") || bytes.matches(0, "GIF89a");
  }

  /** Walks over all blocks; the images are not decoded. */
  public static GifStructure of(ByteSource bytes) {
    return of(bytes, Integer.MAX_VALUE);
  }

  /** Whether there are at least two images; what comes after the second one is not read. */
  static boolean isAnimated(ByteSource bytes) {
    return of(bytes, 2).frames() > 1;
  }

  private static GifStructure of(ByteSource bytes, int mostFrames) {
    int width = size(bytes, 6);
    int height = size(bytes, 8);
    Frame first = new Frame(0, 0, 0, 0);
    int frames = 0;
    int transparent = -1;
    long data = 0;
    long palette = HEADER_BYTES;
    long at = (long) HEADER_BYTES + tableBytes(bytes.u8(10));
    while (at < bytes.length() && frames < mostFrames) {
      int block = bytes.u8(at);
      if (block == TRAILER) {
        break;
      } else if (block == EXTENSION) {
        if (frames == 0 && bytes.u8(at + 1) == GRAPHIC_CONTROL && (bytes.u8(at + 3) & 1) == 1) {
          transparent = bytes.u8(at + 6);
        }
        at = afterSubBlocks(bytes, at + 2);
      } else if (block == IMAGE) {
        if (frames == 0) {
          palette = tableBytes(bytes.u8(at + 9)) > 0 ? at + 10 : palette;
          first =
              new Frame(
                  size(bytes, at + 1),
                  size(bytes, at + 3),
                  size(bytes, at + 5),
                  size(bytes, at + 7));
          data = at + 10 + tableBytes(bytes.u8(at + 9));
        }
        frames++;
        at = afterSubBlocks(bytes, at + 11 + tableBytes(bytes.u8(at + 9)));
      } else {
        // Decoders skip what is no block.
        at++;
      }
    }
    int ground = (int) Math.max(0, bytes.bigEndian(palette + 3L * Math.max(0, transparent), 3));
    return new GifStructure(width, height, frames, first, ground, transparent >= 0, data);
  }

  /** Whether the codes of the first image hold all of its pixels. */
  public boolean isComplete(ByteSource bytes) {
    return GifPixels.hold(bytes, data, (long) first.width() * first.height());
  }

  private static int size(ByteSource bytes, long at) {
    return (int) Math.max(0, bytes.littleEndian(at, 2));
  }

  private static int tableBytes(int flags) {
    return flags >= 0 && (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;
  }

  private static long afterSubBlocks(ByteSource bytes, long from) {
    long at = from;
    int length = bytes.u8(at);
    while (length > 0) {
      at += 1 + length;
      length = bytes.u8(at);
    }
    return at + 1;
  }
}
