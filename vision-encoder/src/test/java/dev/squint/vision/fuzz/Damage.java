package dev.squint.vision.fuzz;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One random change to a file at a time; the array that is given may be changed and returned. */
final class Damage {

  private static final int HEADER_BYTES = 256;
  private static final int MOST_BYTES = 1 << 16;
  private static final int TRIES = 64;

  /** Ends of ranges, where parsers break. */
  private static final long[] VALUES = {
    0,
    1,
    2,
    3,
    7,
    8,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_fffeL,
    0xffff_ffffL
  };

  private final SplittableRandom random;
  private final byte[] other;

  /** Takes the source of chance, and a file from which parts are taken. */
  Damage(SplittableRandom random, byte[] other) {
    this.random = random;
    this.other = other;
  }

  /** Damages a file that is not empty. */
  byte[] to(byte[] file) {
    return switch (random.nextInt(16)) {
      case 0, 1, 2 -> bits(file);
      case 3 -> withByte(file);
      case 4, 5 -> withNumber(file, place(file));
      case 6, 7, 8 -> withLength(file);
      case 9, 10 -> withChunkAgain(file);
      case 11 -> withoutChunk(file);
      case 12 -> random.nextInt(3) == 0 ? Arrays.copyOf(file, place(file)) : bits(file);
      case 13 -> spliced(file);
      case 14 -> withPartOfOther(file);
      default -> withRun(file);
    };
  }

  /** Headers decide more than data do. */
  private int place(byte[] file) {
    int at = random.nextInt(file.length);
    return random.nextBoolean() ? at : at % Math.min(file.length, HEADER_BYTES);
  }

  private byte[] bits(byte[] file) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      file[place(file)] ^= (byte) (1 << random.nextInt(8));
    }
    return file;
  }

  private byte[] withByte(byte[] file) {
    file[place(file)] = (byte) random.nextInt();
    return file;
  }

  /** A number of 1 to 4 bytes in either order, at the end of a range or near what was there. */
  private byte[] withNumber(byte[] file, int at) {
    int bytes = Math.min(file.length - at, new int[] {1, 2, 4, 4}[random.nextInt(4)]);
    boolean little = random.nextBoolean();
    long old = number(file, at, bytes, little);
    long value =
        switch (random.nextInt(4)) {
          case 0 -> old + random.nextInt(-4, 5);
          case 1 -> random.nextBoolean() ? old * 2 : old / 2;
          default -> VALUES[random.nextInt(VALUES.length)];
        };
    for (int i = 0; i < bytes; i++) {
      file[at + (little ? i : bytes - 1 - i)] = (byte) (value >> (8 * i));
    }
    return file;
  }

  private byte[] withLength(byte[] file) {
    Chunk chunk = chunk(file);
    return chunk == null ? bits(file) : withNumber(file, chunk.lengthAt());
  }

  private byte[] withChunkAgain(byte[] file) {
    Chunk chunk = chunk(file);
    if (chunk == null || file.length + chunk.bytes() > MOST_BYTES) {
      return bits(file);
    }
    byte[] copy = Arrays.copyOfRange(file, chunk.start(), chunk.start() + chunk.bytes());
    int at = random.nextBoolean() ? chunk.start() : place(file);
    int times = random.nextInt(8) == 0 ? Math.min(40, (MOST_BYTES - file.length) / copy.length) : 1;
    byte[] result = file;
    for (int i = 0; i < Math.max(1, times); i++) {
      result = joined(result, at, copy, at);
    }
    return result;
  }

  private byte[] withoutChunk(byte[] file) {
    Chunk chunk = chunk(file);
    return chunk == null || chunk.bytes() >= file.length
        ? bits(file)
        : joined(file, chunk.start(), new byte[0], chunk.start() + chunk.bytes());
  }

  /** The start of this file and the end of another. */
  private byte[] spliced(byte[] file) {
    int at = random.nextInt(file.length);
    int from = random.nextBoolean() ? Math.min(at, other.length) : random.nextInt(other.length + 1);
    byte[] result = Arrays.copyOf(file, at + other.length - from);
    System.arraycopy(other, from, result, at, other.length - from);
    return result.length == 0 ? file : result;
  }

  private byte[] withPartOfOther(byte[] file) {
    if (other.length == 0) {
      return bits(file);
    }
    int from = random.nextInt(other.length);
    int to = place(file);
    int count = Math.min(1 + random.nextInt(64), Math.min(other.length - from, file.length - to));
    System.arraycopy(other, from, file, to, count);
    return file;
  }

  private byte[] withRun(byte[] file) {
    int at = place(file);
    int length = 1 + random.nextInt(Math.min(64, file.length - at));
    if (random.nextBoolean()) {
      Arrays.fill(file, at, at + length, (byte) VALUES[random.nextInt(VALUES.length)]);
    } else {
      System.arraycopy(file, random.nextInt(file.length - length + 1), file, at, length);
    }
    return file;
  }

  /**
   * Something that looks like a length with its content.
   *
   * @param start first byte of the chunk
   * @param lengthAt where its length is written
   */
  private record Chunk(int start, int lengthAt, int bytes) {}

  /**
   * Finds a number that can be the length of what follows: a box of MP4, a chunk of PNG or RIFF, a
   * segment of JPEG, an element of Matroska, a sub-block of GIF. Null if there seems to be none.
   */
  private @Nullable Chunk chunk(byte[] file) {
    for (int i = 0; i < TRIES; i++) {
      int at = place(file);
      int form = random.nextInt(6);
      int bytes = form <= 2 ? 4 : form <= 4 ? 2 : 1;
      if (at + bytes > file.length) {
        continue;
      }
      long value = number(file, at, bytes, form == 1);
      // Before the length or behind it stands the type; PNG has a checksum at the end.
      int before = form == 3 || form == 1 ? Math.min(at, bytes) : 0;
      long whole =
          before
              + switch (form) {
                case 0 -> value;
                case 1 -> 4 + value;
                case 2 -> 12 + value;
                case 3 -> value;
                default -> bytes + value;
              };
      if (value >= 2 && whole >= 4 && at - before + whole <= file.length) {
        return new Chunk(at - before, at, (int) whole);
      }
    }
    return null;
  }

  private static long number(byte[] file, int at, int bytes, boolean little) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (file[at + (little ? bytes - 1 - i : i)] & 0xff);
    }
    return value;
  }

  private static byte[] joined(byte[] file, int start, byte[] middle, int rest) {
    byte[] all = new byte[start + middle.length + file.length - rest];
    System.arraycopy(file, 0, all, 0, start);
    System.arraycopy(middle, 0, all, start, middle.length);
    System.arraycopy(file, rest, all, start + middle.length, file.length - rest);
    return all;
  }
}
