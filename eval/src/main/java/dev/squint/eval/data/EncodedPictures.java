package dev.squint.eval.data;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pictures that are part of a data file: data URLs, and cells of Parquet files. They are kept in a
 * temporary file, each content once, because benchmarks repeat a picture for each of its questions
 * and can be larger than the memory.
 */
public final class EncodedPictures implements PictureStore {

  private final Map<String, String> names = new HashMap<>();
  private final Map<String, Span> spans = new HashMap<>();
  private @Nullable FileChannel file;
  private long size;

  private record Span(long start, int length) {}

  /**
   * Adds the bytes of a picture file.
   *
   * @param name name of a new picture
   * @return the name under which the content is read: that of its first occurrence
   */
  public synchronized String add(String name, byte[] content) {
    String hash = ContentHash.of(content);
    String known = names.putIfAbsent(hash, name);
    if (known != null) {
      return known;
    }
    try {
      if (file == null) {
        file = temporary();
      }
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        file.write(rest, size + rest.position());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("pictures cannot be kept in a temporary file", e);
    }
    spans.put(name, new Span(size, content.length));
    size += content.length;
    return name;
  }

  /** Whether there is a picture with this name. */
  public synchronized boolean has(String name) {
    return spans.containsKey(name);
  }

  @Override
  public Picture read(String name) {
    return new PictureReader().read(content(name), name);
  }

  private synchronized byte[] content(String name) {
    Span span = spans.get(name);
    if (span == null || file == null) {
      throw new IllegalArgumentException("the data have no picture '%s'".formatted(name));
    }
    ByteBuffer content = ByteBuffer.allocate(span.length());
    try {
      while (content.hasRemaining()) {
        if (file.read(content, span.start() + content.position()) < 0) {
          throw new IOException("the temporary file with the pictures is cut off");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("picture '%s' cannot be read".formatted(name), e);
    }
    return content.array();
  }

  private static FileChannel temporary() throws IOException {
    Path path = Files.createTempFile("squint-pictures", null);
    return FileChannel.open(
        path,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }
}
