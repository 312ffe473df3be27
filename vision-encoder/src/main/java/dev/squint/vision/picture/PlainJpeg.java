package dev.squint.vision.picture;

import java.io.ByteArrayOutputStream;

/**
 * A JPEG file without the segments that do not make its pixels: profiles, texts, thumbnails. So no
 * decoder converts colours by a profile, and none parses what it does not need.
 */
final class PlainJpeg {

  private static final int SOS = 0xda;
  private static final int JFIF = 0xe0;
  private static final int ADOBE = 0xee;
  private static final int LAST_APPLICATION = 0xef;
  private static final int COMMENT = 0xfe;
  private static final int START_BYTES = 2;

  private PlainJpeg() {}

  /** Copies what comes before the first scan without those segments, and the rest as it is. */
  static byte[] of(byte[] encoded) {
    ByteArrayOutputStream file = new ByteArrayOutputStream(encoded.length);
    file.write(encoded, 0, Math.min(encoded.length, START_BYTES));
    int at = START_BYTES;
    while (at + 4 <= encoded.length && (encoded[at] & 0xff) == 0xff) {
      int marker = encoded[at + 1] & 0xff;
      int length = 2 + ((encoded[at + 2] & 0xff) << 8 | (encoded[at + 3] & 0xff));
      if (marker < 0xc0 || marker == 0xff || marker == SOS || at + length > encoded.length) {
        break;
      }
      boolean left =
          marker == COMMENT || (marker > JFIF && marker <= LAST_APPLICATION && marker != ADOBE);
      if (!left) {
        file.write(encoded, at, length);
      }
      at += length;
    }
    if (at < encoded.length) {
      file.write(encoded, at, encoded.length - at);
    }
    return file.toByteArray();
  }
}
