package dev.squint.spark;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * RowMedia in a column: paths or URIs as strings, encoded bytes, structs with a field {@code bytes}
 * (Hugging Face's) or {@code content} (Spark's {@code binaryFile}), or arrays of these.
 *
 * @param pictureColumn column of the pictures, empty for none
 * @param clipColumn column of a video (path, URI or bytes), empty for none; where it is null the
 *     pictures are used
 * @param maxBytes largest file that is read
 */
record ColumnPictures(String pictureColumn, String clipColumn, long maxBytes)
    implements PictureSource {

  private static final long serialVersionUID = 1;
  private static final int HEAP_SHARE = 8;

  @Override
  public @Nullable Object key(Row row) {
    return keyOf(List.of(value(row, clipColumn), value(row, pictureColumn)));
  }

  // Bytes are compared by their content.
  private static Object keyOf(Object value) {
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    }
    if (value instanceof Row struct) {
      List<Object> fields = new ArrayList<>();
      for (int i = 0; i < struct.size(); i++) {
        fields.add(struct.isNullAt(i) ? "" : struct.get(i));
      }
      return keyOf(fields);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(element -> element == null ? "" : keyOf(element)).toList();
    }
    return value instanceof scala.collection.Seq<?> sequence
        ? keyOf(scala.jdk.javaapi.CollectionConverters.asJava(sequence))
        : value;
  }

  @Override
  public RowMedia read(Row row, Configuration hadoop) {
    Object clip = value(row, clipColumn);
    if (!clip.equals("")) {
      return RowMedia.ofVideo(bytes(clip, hadoop), name(clip, "the video"));
    }
    Object value = value(row, pictureColumn);
    if (value.equals("")) {
      throw new IllegalArgumentException(
          "the row has no picture%s"
              .formatted(pictureColumn.isEmpty() ? "" : " in column '" + pictureColumn + "'"));
    }
    List<Picture> pictures = new ArrayList<>();
    PictureReader reader = new PictureReader();
    for (Object one : elements(value)) {
      pictures.add(reader.read(bytes(one, hadoop), name(one, "picture " + (pictures.size() + 1))));
    }
    return RowMedia.of(pictures);
  }

  private static Object value(Row row, String column) {
    if (column.isEmpty()) {
      return "";
    }
    int index = row.fieldIndex(column);
    return row.isNullAt(index) ? "" : row.get(index);
  }

  private static List<?> elements(Object value) {
    return value instanceof scala.collection.Seq<?> sequence
        ? scala.jdk.javaapi.CollectionConverters.asJava(sequence)
        : List.of(value);
  }

  private static String name(Object value, String otherwise) {
    return value instanceof String path ? new Path(path).getName() : otherwise;
  }

  private byte[] bytes(Object value, Configuration hadoop) {
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    if (value instanceof String path) {
      return file(path, hadoop);
    }
    if (value instanceof Row struct) {
      List<String> names = List.of(struct.schema().fieldNames());
      for (String field : List.of("bytes", "content", "path")) {
        int index = names.indexOf(field);
        if (index >= 0 && !struct.isNullAt(index)) {
          return bytes(struct.get(index), hadoop);
        }
      }
      throw new IllegalArgumentException(
          "the struct has none of the fields bytes, content, path but " + names);
    }
    throw new IllegalArgumentException(
        "a picture must be a path, bytes or a struct with bytes but was of "
            + value.getClass().getSimpleName());
  }

  private byte[] file(String place, Configuration hadoop) {
    Path path = new Path(place);
    try {
      FileSystem files = path.getFileSystem(hadoop);
      long length = files.getFileStatus(path).getLen();
      long allowed = Math.min(maxBytes, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
      if (length > allowed) {
        throw new IllegalArgumentException(
            "%s has %d bytes, more than the allowed %d; raise spark.executor.memory, of which a file may take an eighth"
                .formatted(path.getName(), length, allowed));
      }
      try (InputStream in = files.open(path)) {
        return in.readAllBytes();
      }
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException("there is no file " + place, e);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read: %s".formatted(place, e.getMessage()), e);
    }
  }
}
