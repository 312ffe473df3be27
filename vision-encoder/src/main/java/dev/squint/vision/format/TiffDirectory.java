package dev.squint.vision.format;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One directory of a TIFF structure (TIFF 6.0, section 2), which EXIF blocks are, too.
 *
 * @param entries by tag
 * @param next position of the next directory from the start of the structure, 0 if there is none
 */
record TiffDirectory(Map<Integer, Entry> entries, long next) {

  static final int SUBFILE_TYPE = 254;
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS_PER_SAMPLE = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int STRIP_OFFSETS = 273;
  static final int ORIENTATION = 274;
  static final int SAMPLES_PER_PIXEL = 277;
  static final int ROWS_PER_STRIP = 278;
  static final int STRIP_BYTES = 279;
  static final int PLANAR = 284;
  static final int PREDICTOR = 317;
  static final int PALETTE = 320;
  static final int TILE_WIDTH = 322;
  static final int TILE_HEIGHT = 323;
  static final int TILE_OFFSETS = 324;
  static final int TILE_BYTES = 325;
  static final int SUB_DIRECTORIES = 330;
  static final int SAMPLE_FORMAT = 339;
  static final int JPEG_STREAM = 513;
  static final int XMP = 700;
  static final int DNG_VERSION = 0xc612;

  private static final int ENTRY_BYTES = 12;
  private static final int VALUE_BYTES = 4;

  /** Bytes of each field type from 1 on: BYTE, ASCII, SHORT, LONG, RATIONAL and so on. */
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

  /**
   * The values of a tag.
   *
   * @param at where they stand in the file
   */
  record Entry(int type, long count, long at) {

    int bytesEach() {
      return type > 0 && type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
    }
  }

  /** A structure: the file, where it begins in it, and its byte order. */
  record Origin(ByteSource bytes, long base, boolean littleEndian) {

    static @Nullable Origin of(ByteSource bytes, long base) {
      boolean little = bytes.matches(base, "II");
      return little || bytes.matches(base, "MM") ? new Origin(bytes, base, little) : null;
    }

    long number(long at, int count) {
      return littleEndian ? bytes.littleEndian(at, count) : bytes.bigEndian(at, count);
    }
  }

  /** Reads the directory at a position of the structure; what lies beyond the file is left out. */
  static TiffDirectory of(Origin origin, long position) {
    long at = origin.base() + position;
    int count = (int) Math.max(0, origin.number(at, 2));
    Map<Integer, Entry> entries = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      long entry = at + 2 + (long) ENTRY_BYTES * i;
      int tag = (int) origin.number(entry, 2);
      int type = (int) origin.number(entry + 2, 2);
      long values = origin.number(entry + 4, 4);
      if (tag < 0 || values < 0) {
        break;
      }
      Entry inPlace = new Entry(type, values, entry + 8);
      boolean elsewhere = values * inPlace.bytesEach() > VALUE_BYTES;
      entries.putIfAbsent(
          tag,
          elsewhere
              ? new Entry(type, values, origin.base() + origin.number(entry + 8, 4))
              : inPlace);
    }
    return new TiffDirectory(
        entries, Math.max(0, origin.number(at + 2 + (long) ENTRY_BYTES * count, 4)));
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  /** The first value of a tag, or what is given if there is none. */
  long value(Origin origin, int tag, long otherwise) {
    return value(origin, tag, 0, otherwise);
  }

  /** One of the values of a tag, or what is given if there is none. */
  long value(Origin origin, int tag, long index, long otherwise) {
    Entry entry = entries.get(tag);
    if (entry == null || index >= entry.count() || entry.bytesEach() == 0) {
      return otherwise;
    }
    int bytes = Math.min(VALUE_BYTES, entry.bytesEach());
    long value = origin.number(entry.at() + index * entry.bytesEach(), bytes);
    return value < 0 ? otherwise : value;
  }
}
