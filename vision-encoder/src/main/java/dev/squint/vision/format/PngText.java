package dev.squint.vision.format;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The text of a PNG chunk.
 *
 * @param content its bytes in the file
 * @param compressed whether they are deflated
 */
public record PngText(Extent content, boolean compressed) {

  private static final int BLOCK_BYTES = 4096;

  /**
   * Reads the text; of a damaged one what comes before the damage.
   *
   * @param most the largest number of bytes to return
   */
  public byte[] read(ByteSource bytes, int most) {
    byte[] held = bytes.copy(content.at(), Math.min(content.length(), most));
    return compressed ? inflated(held, most) : held;
  }

  private static byte[] inflated(byte[] deflated, int most) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(deflated);
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      byte[] block = new byte[BLOCK_BYTES];
      int read = inflater.inflate(block);
      while (read > 0 && text.size() < most) {
        text.write(block, 0, Math.min(read, most - text.size()));
        read = inflater.inflate(block);
      }
      return text.toByteArray();
    } catch (DataFormatException e) {
      return new byte[0];
    } finally {
      inflater.end();
    }
  }
}
