package dev.squint.webapp.abuse;

import dev.squint.webapp.RunningServer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Clips with false headers, and clips that would take too long to decode. */
final class VideoBombs {

  private static final byte[] FRAME = {0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0};

  private VideoBombs() {}

  /** A GIF of this size with so many frames of one pixel, a hundredth of a second each. */
  static byte[] gif(int width, int height, int frames, boolean timed) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(ascii("GIF89a"));
    file.writeBytes(
        ByteBuffer.allocate(4)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) width)
            .putShort((short) height)
            .array());
    file.writeBytes(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, -1, -1, -1});
    file.writeBytes(new byte[] {0x21, (byte) 0xff, 11});
    file.writeBytes(ascii("NETSCAPE2.0"));
    file.writeBytes(new byte[] {3, 1, 0, 0, 0});
    for (int i = 0; i < frames; i++) {
      if (timed) {
        file.writeBytes(new byte[] {0x21, (byte) 0xf9, 4, 0, 2, 0, 0, 0});
      }
      file.writeBytes(FRAME);
    }
    file.write(0x3b);
    return file.toByteArray();
  }

  /** An mp4 whose boxes of these names hold other numbers, at a distance from their names. */
  static byte[] mp4(Object... changes) {
    byte[] file = RunningServer.clip("h264.mp4");
    ByteBuffer numbers = ByteBuffer.wrap(file);
    for (int i = 0; i < changes.length; i += 3) {
      byte[] name = ascii((String) changes[i]);
      // The sample entry is called as a brand in the first box is.
      int at = find(file, name, changes[i].equals("avc1") ? 40 : 0);
      numbers.putInt(at + (int) changes[i + 1], (int) changes[i + 2]);
    }
    return file;
  }

  /** A webm whose header says that frames have 65535 x 65535 pixels. */
  static byte[] hugeWebm() {
    byte[] file = RunningServer.clip("vp9.webm");
    int at = find(file, new byte[] {(byte) 0xb0, (byte) 0x82, 2, (byte) 0x80}, 0);
    for (int edge : new int[] {at + 2, at + 6}) {
      file[edge] = -1;
      file[edge + 1] = -1;
    }
    return file;
  }

  /** A webm whose header gives a duration of thousands of years. */
  static byte[] endlessWebm() {
    byte[] file = RunningServer.clip("vp9.webm");
    int at = find(file, new byte[] {0x44, (byte) 0x89, (byte) 0x88}, 0);
    ByteBuffer.wrap(file).putDouble(at + 3, 1e15);
    return file;
  }

  /** A WebP animation whose header says that frames have 16 million x 16 million pixels. */
  static byte[] hugeWebp() {
    byte[] file = RunningServer.clip("animation.webp");
    int at = find(file, ascii("VP8X"), 0) + 12;
    Arrays.fill(file, at, at + 6, (byte) -1);
    return file;
  }

  /** The first part of a sample. */
  static byte[] cut(String name, double share) {
    byte[] file = RunningServer.clip(name);
    return Arrays.copyOf(file, (int) (share * file.length));
  }

  /** A sample with noise for all that follows. */
  static byte[] noise(String name, double from) {
    byte[] file = RunningServer.clip(name);
    byte[] noise = new byte[(int) (file.length * (1 - from))];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, file, file.length - noise.length, noise.length);
    return file;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int find(byte[] file, byte[] what, int from) {
    for (int i = from; i + what.length <= file.length; i++) {
      if (Arrays.equals(file, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    throw new IllegalArgumentException("the sample has no " + Arrays.toString(what));
  }
}
