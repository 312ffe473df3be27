package dev.squint.vision.picture;

import javax.imageio.stream.ImageInputStreamImpl;

/** Feeds ImageIO from an array and stops when decoding is cancelled. */
final class ArrayImageInput extends ImageInputStreamImpl {

  private final byte[] bytes;
  private final String name;
  private final DecodeBudget budget;

  ArrayImageInput(byte[] bytes, String name, DecodeBudget budget) {
    this.bytes = bytes;
    this.name = name;
    this.budget = budget;
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    budget.checkCancelled(name);
    bitOffset = 0;
    if (streamPos >= bytes.length) {
      return length == 0 ? 0 : -1;
    }
    int count = Math.min(length, (int) (bytes.length - streamPos));
    System.arraycopy(bytes, (int) streamPos, into, offset, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return bytes.length;
  }
}
