package dev.squint.vision.picture;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.Extent;
import dev.squint.vision.format.PngStructure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * A PNG file with the chunks alone that make its pixels, so that texts and profiles, which can grow
 * a thousandfold when they are inflated, never reach a decoder.
 */
final class PlainPng {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int PALETTE = 3;
  private static final int HEADER_AT = 16;
  private static final int HEADER_BYTES = 13;

  private PlainPng() {}

  /**
   * Copies header, palette and data.
   *
   * @param withAlpha whether transparent colours are copied too; those of palettes always are
   */
  static byte[] of(byte[] encoded, boolean withAlpha) {
    ByteSource bytes = ByteSource.of(encoded);
    PngStructure png = PngStructure.of(bytes);
    ByteArrayOutputStream file = new ByteArrayOutputStream(encoded.length);
    file.writeBytes(SIGNATURE);
    chunk(file, "IHDR", bytes.copy(HEADER_AT, HEADER_BYTES));
    if (png.palette() != null) {
      chunk(file, "PLTE", bytes.copy(png.palette().at(), png.palette().length()));
    }
    if (png.transparency() != null && (withAlpha || png.colourType() == PALETTE)) {
      chunk(file, "tRNS", bytes.copy(png.transparency().at(), png.transparency().length()));
    }
    ByteArrayOutputStream data = new ByteArrayOutputStream(encoded.length);
    for (Extent part : png.data()) {
      data.writeBytes(bytes.copy(part.at(), part.length()));
    }
    chunk(file, "IDAT", data.toByteArray());
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] content) {
    byte[] letters = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(letters);
    sum.update(content);
    file.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    file.writeBytes(letters);
    file.writeBytes(content);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }
}
