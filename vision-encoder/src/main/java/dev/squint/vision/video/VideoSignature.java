package dev.squint.vision.video;

import java.nio.charset.StandardCharsets;

/** Distinguishes videos and animations from still pictures by their first bytes. */
final class VideoSignature {

  /** How many bytes decide. */
  static final int BYTES = 4096;

  private VideoSignature() {}

  static boolean isVideo(byte[] start) {
    return (at(start, 4, "ftyp") && !at(start, 8, "avif") && !at(start, 8, "heic"))
        || at(start, 4, "moov")
        || at(start, 4, "mdat")
        || at(start, 4, "wide")
        || isEbml(start)
        || (at(start, 0, "RIFF") && at(start, 8, "AVI "))
        || at(start, 0, "OggS")
        || at(start, 0, "FLV")
        || at(start, 0, "DKIF")
        || isMpeg(start)
        || isAnimation(start);
  }

  /** Of the formats that still pictures have as well, the files with several frames. */
  static boolean isAnimation(byte[] start) {
    return (at(start, 0, "GIF8") && contains(start, "NETSCAPE2.0"))
        || (at(start, 1, "PNG") && contains(start, "acTL"))
        || (WebPAnimation.isWebP(start) && contains(start, "ANIM"));
  }

  private static boolean isEbml(byte[] start) {
    return start.length > 4
        && start[0] == 0x1a
        && start[1] == 0x45
        && start[2] == (byte) 0xdf
        && start[3] == (byte) 0xa3;
  }

  /** A program stream, an elementary stream, or two packets of a transport stream. */
  private static boolean isMpeg(byte[] start) {
    boolean startCode =
        start.length > 4 && start[0] == 0 && start[1] == 0 && (start[2] == 1 || start[3] == 1);
    return startCode || (start.length > 188 && start[0] == 0x47 && start[188] == 0x47);
  }

  private static boolean contains(byte[] start, String word) {
    for (int i = 0; i < start.length; i++) {
      if (at(start, i, word)) {
        return true;
      }
    }
    return false;
  }

  static boolean at(byte[] start, int from, String word) {
    byte[] letters = word.getBytes(StandardCharsets.ISO_8859_1);
    if (start.length < from + letters.length) {
      return false;
    }
    for (int i = 0; i < letters.length; i++) {
      if (start[from + i] != letters[i]) {
        return false;
      }
    }
    return true;
  }
}
