package dev.squint.vision.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file, in memory or on disk, read at any position. A number that lies beyond the
 * end is -1. For one thread.
 */
public final class ByteSource implements AutoCloseable {

  private static final int WINDOW_BYTES = 1 << 16;

  private final @Nullable FileChannel channel;
  private final long length;
  private byte[] window;
  private long windowStart;
  private int windowLength;

  private ByteSource(@Nullable FileChannel channel, long length, byte[] window, int windowLength) {
    this.channel = channel;
    this.length = length;
    this.window = window;
    this.windowLength = windowLength;
  }

  /** Reads from an array, which is not copied. */
  public static ByteSource of(byte[] bytes) {
    return new ByteSource(null, bytes.length, bytes, bytes.length);
  }

  /**
   * Reads from a file in blocks of 64 KiB.
   *
   * @throws UncheckedIOException if it cannot be opened
   */
  public static ByteSource open(Path file) {
    try {
      FileChannel channel = FileChannel.open(file);
      return new ByteSource(channel, channel.size(), new byte[WINDOW_BYTES], 0);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /** Number of bytes. */
  public long length() {
    return length;
  }

  /** One byte, 0 to 255. */
  int u8(long at) {
    long index = at - windowStart;
    if (index < 0 || index >= windowLength) {
      if (at < 0 || at >= length || !load(at)) {
        return -1;
      }
      index = at - windowStart;
    }
    return window[(int) index] & 0xff;
  }

  private boolean load(long at) {
    if (channel == null) {
      return false;
    }
    try {
      ByteBuffer buffer = ByteBuffer.wrap(window);
      int read = 0;
      while (buffer.hasRemaining() && read >= 0) {
        read = channel.read(buffer, at + buffer.position());
      }
      windowStart = at;
      windowLength = buffer.position();
      return windowLength > 0;
    } catch (IOException e) {
      throw new UncheckedIOException("a file cannot be read", e);
    }
  }

  /** A number of this many bytes, at most 7, the most significant first. */
  long bigEndian(long at, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      int next = u8(at + i);
      if (next < 0) {
        return -1;
      }
      value = value << 8 | next;
    }
    return value;
  }

  /** A number of this many bytes, at most 7, the least significant first. */
  long littleEndian(long at, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      int next = u8(at + i);
      if (next < 0) {
        return -1;
      }
      value = value << 8 | next;
    }
    return value;
  }

  /** Whether these letters stand at a position, one byte each. */
  boolean matches(long at, String letters) {
    for (int i = 0; i < letters.length(); i++) {
      if (u8(at + i) != letters.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** This many bytes as letters, fewer at the end of the file. */
  String letters(long at, int bytes) {
    return new String(copy(at, bytes), StandardCharsets.ISO_8859_1);
  }

  /** A copy of this many bytes, fewer at the end of the file. */
  public byte[] copy(long at, long bytes) {
    int count = (int) Math.max(0, Math.min(bytes, length - at));
    byte[] copy = new byte[count];
    for (int done = 0; done < count; ) {
      if (u8(at + done) < 0) {
        return java.util.Arrays.copyOf(copy, done);
      }
      int index = (int) (at + done - windowStart);
      int part = Math.min(count - done, windowLength - index);
      System.arraycopy(window, index, copy, done, part);
      done += part;
    }
    return copy;
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a file cannot be closed", e);
    }
  }
}
