package dev.squint.vision.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Puts right the checksums of PNG chunks, Ogg pages, and tables of MPEG transport streams. */
final class Checksums {

  private static final int POLYNOMIAL = 0x04c11db7;
  private static final int PNG_SIGNATURE = 8;
  private static final int OGG_HEADER = 27;
  private static final int OGG_SUM = 22;
  private static final int TRANSPORT_PACKET = 188;
  private static final int[] TABLE = table();

  private Checksums() {}

  /** Changes the array that is given, and returns it. */
  static byte[] mended(byte[] file) {
    if (file.length > PNG_SIGNATURE && (file[0] & 0xff) == 0x89 && file[1] == 'P') {
      mendPng(file);
    } else if (file.length > OGG_HEADER && file[0] == 'O' && file[1] == 'g') {
      mendOgg(file);
    } else if (file.length > TRANSPORT_PACKET && file[0] == 0x47) {
      mendTransportStream(file);
    }
    return file;
  }

  private static void mendPng(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file);
    int at = PNG_SIGNATURE;
    while (at + 12 <= file.length) {
      int length = buffer.getInt(at);
      if (length < 0 || length > file.length - at - 12) {
        return;
      }
      CRC32 sum = new CRC32();
      sum.update(file, at + 4, length + 4);
      buffer.putInt(at + 8 + length, (int) sum.getValue());
      at += 12 + length;
    }
  }

  private static void mendOgg(byte[] file) {
    byte[] mark = "OggS".getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at + OGG_HEADER <= file.length; at++) {
      if (!ByteBuffer.wrap(file, at, 4).equals(ByteBuffer.wrap(mark))) {
        continue;
      }
      int segments = file[at + OGG_HEADER - 1] & 0xff;
      int end = at + OGG_HEADER + segments;
      for (int i = at + OGG_HEADER; i < Math.min(file.length, at + OGG_HEADER + segments); i++) {
        end += file[i] & 0xff;
      }
      if (end <= file.length) {
        ByteBuffer sum = ByteBuffer.wrap(file, at + OGG_SUM, 4).slice();
        sum.order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(0, 0);
        sum.putInt(0, sum(file, at, end, 0));
      }
    }
  }

  private static void mendTransportStream(byte[] file) {
    for (int at = 0; at + TRANSPORT_PACKET <= file.length; at += TRANSPORT_PACKET) {
      boolean begins = (file[at + 1] & 0x40) != 0;
      boolean plain = (file[at + 3] & 0x30) == 0x10;
      int table = at + 5 + (file[at + 4] & 0xff);
      if (!begins || !plain || table + 3 > at + TRANSPORT_PACKET) {
        continue;
      }
      int length = (file[table + 1] & 0x0f) << 8 | (file[table + 2] & 0xff);
      int end = table + 3 + length;
      if (length >= 9 && end <= at + TRANSPORT_PACKET) {
        ByteBuffer.wrap(file).putInt(end - 4, sum(file, table, end - 4, -1));
      }
    }
  }

  private static int sum(byte[] file, int from, int end, int start) {
    int sum = start;
    for (int i = from; i < end; i++) {
      sum = sum << 8 ^ TABLE[(sum >>> 24 ^ file[i]) & 0xff];
    }
    return sum;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int value = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        value = value << 1 ^ (value < 0 ? POLYNOMIAL : 0);
      }
      table[i] = value;
    }
    return table;
  }
}
