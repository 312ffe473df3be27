package dev.squint.vision.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A box of a file by the ISO base media file format (ISO/IEC 14496-12).
 *
 * @param type four letters
 * @param at position of its content
 * @param end position behind its content, not beyond the file
 * @param whole whether the file holds all of it
 */
record IsoBox(String type, long at, long end, boolean whole) {

  private static final int HEADER_BYTES = 8;
  private static final int LONG_HEADER_BYTES = 16;

  /** More than any file has on one level. */
  private static final int MAX_BOXES = 100_000;

  /** The boxes of a whole file. */
  static List<IsoBox> all(ByteSource bytes) {
    return between(bytes, 0, bytes.length());
  }

  /** The boxes within this one, after its first {@code skipped} bytes. */
  List<IsoBox> children(ByteSource bytes, int skipped) {
    return between(bytes, at + skipped, end);
  }

  /** The first box of a type, null if there is none. */
  static @Nullable IsoBox first(List<IsoBox> boxes, String type) {
    return boxes.stream().filter(box -> box.type().equals(type)).findFirst().orElse(null);
  }

  private static List<IsoBox> between(ByteSource bytes, long from, long end) {
    List<IsoBox> boxes = new ArrayList<>();
    long at = from;
    while (at + HEADER_BYTES <= end && boxes.size() < MAX_BOXES) {
      long length = bytes.bigEndian(at, 4);
      String type = bytes.letters(at + 4, 4);
      int header = HEADER_BYTES;
      if (length == 1) {
        // The upper byte is left out: files are shorter.
        length = bytes.bigEndian(at + 9, 7);
        header = LONG_HEADER_BYTES;
      } else if (length == 0) {
        length = end - at;
      }
      if (length < header || !isType(type)) {
        break;
      }
      boxes.add(new IsoBox(type, at + header, Math.min(end, at + length), at + length <= end));
      at += length;
    }
    return boxes;
  }

  /** Printable letters; QuickTime has some with a copyright sign. */
  private static boolean isType(String type) {
    return type.length() == 4
        && type.chars().allMatch(letter -> letter >= ' ' && letter != 0x7f && letter <= 0xff);
  }
}
