package dev.squint.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jerolba.carpet.CarpetReader;
import com.jerolba.carpet.CloseableIterator;
import dev.squint.eval.data.EncodedPictures;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.io.api.Binary;

/**
 * Reads Parquet files as Hugging Face's data sets store them. A picture, a struct of {@code bytes}
 * and {@code path}, becomes its name; without bytes, its path.
 *
 * @param json creates the nodes
 * @param pictures receives the pictures
 */
public record ParquetFile(ObjectMapper json, EncodedPictures pictures) {

  /**
   * Reads all rows.
   *
   * @param name name of the file in names of its pictures
   * @throws IOException if the file is damaged or not a Parquet file
   */
  public List<ObjectNode> rows(Path path, String name) throws IOException {
    if (path.getFileSystem() == FileSystems.getDefault()) {
      return rows(path.toFile(), name);
    }
    Path copy = Files.createTempFile("squint", ".parquet");
    try {
      Files.write(copy, Files.readAllBytes(path));
      return rows(copy.toFile(), name);
    } finally {
      Files.delete(copy);
    }
  }

  private List<ObjectNode> rows(File file, String name) throws IOException {
    List<ObjectNode> rows = new ArrayList<>();
    try (CloseableIterator<?> each =
        (CloseableIterator<?>) new CarpetReader<>(file, Map.class).iterator()) {
      while (each.hasNext()) {
        rows.add((ObjectNode) node(each.next(), "%s, row %d".formatted(name, rows.size() + 1)));
      }
    } catch (RuntimeException broken) {
      throw new IOException("the file is damaged or not a Parquet file", broken);
    }
    return rows;
  }

  private JsonNode node(Object value, String place) {
    if (value instanceof Map<?, ?> fields) {
      if (fields.get("bytes") instanceof Binary bytes) {
        return picture(bytes, place);
      }
      boolean file = fields.keySet().equals(Set.of("bytes", "path")) && fields.get("path") != null;
      return file
          ? JsonNodeFactory.instance.textNode(String.valueOf(fields.get("path")))
          : object(fields, place);
    }
    if (value instanceof Collection<?> elements) {
      var array = json.createArrayNode();
      elements.forEach(
          element ->
              array.add(
                  element == null
                      ? JsonNodeFactory.instance.nullNode()
                      : node(element, "%s, %d".formatted(place, array.size() + 1))));
      return array;
    }
    return value instanceof Binary bytes ? picture(bytes, place) : json.valueToTree(value);
  }

  private ObjectNode object(Map<?, ?> fields, String place) {
    ObjectNode object = json.createObjectNode();
    fields.forEach(
        (name, field) ->
            object.set(
                String.valueOf(name),
                field == null
                    ? JsonNodeFactory.instance.nullNode()
                    : node(field, "%s, %s".formatted(place, name))));
    return object;
  }

  private JsonNode picture(Binary bytes, String place) {
    return JsonNodeFactory.instance.textNode(pictures.add(place, bytes.getBytes()));
  }
}
