package dev.squint.webapp.abuse;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small files that become large. */
final class Bombs {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int BLOCK = 1 << 20;

  /** The box of a HEIF file with a picture's size. */
  private static final int ISPE = 0x69737065;

  private Bombs() {}

  /** A grey PNG of this size whose pixels are all black, and really there. */
  static byte[] png(int width, int height) {
    return png(width, height, (long) height * (width + 1), new byte[0]);
  }

  /** A PNG whose header says this size, and whose data inflates to so many bytes. */
  static byte[] png(int width, int height, long inflated, byte[] extraChunk) {
    byte[] header =
        ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8).put(new byte[4]).array();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    file.writeBytes(chunk("IHDR", header));
    file.writeBytes(extraChunk);
    file.writeBytes(chunk("IDAT", zeros(inflated)));
    file.writeBytes(chunk("IEND", new byte[0]));
    return file.toByteArray();
  }

  /** A chunk of compressed text that inflates to so many bytes. */
  static byte[] text(long inflated) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes("Comment\0\0".getBytes(StandardCharsets.US_ASCII));
    content.writeBytes(zeros(inflated));
    return chunk("zTXt", content.toByteArray());
  }

  /** A colour profile that inflates to so many bytes. */
  static byte[] profile(long inflated) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes("icc\0\0".getBytes(StandardCharsets.US_ASCII));
    content.writeBytes(zeros(inflated));
    return chunk("iCCP", content.toByteArray());
  }

  /** The announcement of an animation of so many frames. */
  static byte[] animation(int frames) {
    return chunk("acTL", ByteBuffer.allocate(8).putInt(frames).putInt(0).array());
  }

  private static byte[] chunk(String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(content);
    return ByteBuffer.allocate(12 + content.length)
        .putInt(content.length)
        .put(name)
        .put(content)
        .putInt((int) sum.getValue())
        .array();
  }

  /**
   * So many zeros as zlib packs them. A block is packed once and repeated, since packing a gigabyte
   * takes seconds.
   */
  private static byte[] zeros(long count) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.writeBytes(new byte[] {0x78, (byte) 0xda});
    byte[] block = packed(BLOCK, false);
    for (long blocks = count / BLOCK; blocks > 0; blocks--) {
      packed.writeBytes(block);
    }
    packed.writeBytes(packed((int) (count % BLOCK), true));
    // Adler-32 of zeros: one sum stays 1, the other counts them.
    int sum = (int) (count % 65_521) << 16 | 1;
    packed.writeBytes(ByteBuffer.allocate(4).putInt(sum).array());
    return packed.toByteArray();
  }

  /** Zeros in the format of Deflate; what is not the last can be followed by more. */
  private static byte[] packed(int zeros, boolean last) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    deflater.setInput(new byte[zeros]);
    if (last) {
      deflater.finish();
    }
    byte[] packed = new byte[zeros / 100 + 100];
    int length =
        deflater.deflate(packed, 0, packed.length, last ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
    deflater.end();
    return Arrays.copyOf(packed, length);
  }

  /** A GIF of this size with so many frames of one pixel. */
  static byte[] gif(int width, int height, int frames) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes("GIF89a".getBytes(StandardCharsets.US_ASCII));
    file.writeBytes(shorts(width, height));
    file.writeBytes(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, -1, -1, -1});
    for (int i = 0; i < frames; i++) {
      file.write(0x2c);
      file.writeBytes(shorts(0, 0, 1, 1));
      file.writeBytes(new byte[] {0, 2, 2, 0x44, 1, 0});
    }
    file.write(0x3b);
    return file.toByteArray();
  }

  /** The beginning of a JPEG of this size. */
  static byte[] jpeg(int width, int height) {
    return ByteBuffer.allocate(25)
        .putShort((short) 0xffd8)
        .putShort((short) 0xffc0)
        .putShort((short) 17)
        .put((byte) 8)
        .putShort((short) height)
        .putShort((short) width)
        .put(new byte[] {3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1})
        .putShort((short) 0xffd9)
        .array();
  }

  /** A lossy WebP that says it has this size. */
  static byte[] webp(int width, int height) {
    ByteBuffer file = ByteBuffer.allocate(30).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(22);
    file.put("WEBPVP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10).putInt(0);
    for (int edge : new int[] {width - 1, height - 1}) {
      file.put((byte) edge).put((byte) (edge >> 8)).put((byte) (edge >> 16));
    }
    return file.array();
  }

  /** A progressive JPEG of this size whose last scan is repeated this number of times. */
  static byte[] scans(int width, int height, int more) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam progressive = writer.getDefaultWriteParam();
    progressive.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    BufferedImage black = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(output);
      writer.write(null, new IIOImage(black, null, null), progressive);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writer.dispose();
    byte[] plain = file.toByteArray();
    int last = plain.length - 2;
    while ((plain[last] & 0xff) != 0xff || (plain[last + 1] & 0xff) != 0xda) {
      last--;
    }
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.write(plain, 0, plain.length - 2);
    for (int i = 0; i < more; i++) {
      longer.write(plain, last, plain.length - 2 - last);
    }
    longer.write(plain, plain.length - 2, 2);
    return longer.toByteArray();
  }

  /** A grey TIFF of this size, of one strip that inflates to so many bytes. */
  static byte[] tiff(int width, int height, long inflated) {
    byte[] strip = zeros(inflated);
    int[][] entries = {
      {256, width},
      {257, height},
      {258, 8},
      {259, 8},
      {262, 1},
      {273, 118},
      {277, 1},
      {278, height},
      {279, strip.length}
    };
    ByteBuffer file = ByteBuffer.allocate(118 + strip.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8).putShort((short) 9);
    for (int[] entry : entries) {
      file.putShort((short) entry[0]).putShort((short) 4).putInt(1).putInt(entry[1]);
    }
    return file.position(118).put(strip).array();
  }

  /** The beginning of a BMP of this size. */
  static byte[] bmp(int width, int height) {
    ByteBuffer file = ByteBuffer.allocate(1 << 10).order(ByteOrder.LITTLE_ENDIAN);
    file.put("BM".getBytes(StandardCharsets.US_ASCII)).putInt(1 << 10).putInt(0).putInt(54);
    file.putInt(40).putInt(width).putInt(height).putShort((short) 1).putShort((short) 24);
    return file.array();
  }

  /** A picture of a phone (HEIC, AVIF) that says it has this size. */
  static byte[] heif(Path picture, int width, int height) {
    byte[] file;
    try {
      file = Files.readAllBytes(picture);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ByteBuffer bytes = ByteBuffer.wrap(file);
    for (int at = 0; at + 16 <= file.length; at++) {
      if (bytes.getInt(at) == ISPE) {
        bytes.putInt(at + 8, width).putInt(at + 12, height);
      }
    }
    return file;
  }

  private static byte[] shorts(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putShort((short) value);
    }
    return bytes.array();
  }
}
