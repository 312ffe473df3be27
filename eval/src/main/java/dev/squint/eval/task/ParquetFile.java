package dev.squint.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jerolba.carpet.CarpetReader;
import com.jerolba.carpet.CloseableIterator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.parquet.io.api.Binary;

/** Reads Parquet files as Hugging Face's data sets store them; pictures stay encoded. */
final class ParquetFile {

  private ParquetFile() {}

  /**
   * Reads all rows.
   *
   * @throws IOException if the file is damaged or not a Parquet file
   */
  static List<ObjectNode> rows(Path path, ObjectMapper json) throws IOException {
    List<ObjectNode> rows = new ArrayList<>();
    try (CloseableIterator<?> each =
        (CloseableIterator<?>) new CarpetReader<>(path.toFile(), Map.class).iterator()) {
      while (each.hasNext()) {
        rows.add((ObjectNode) node(each.next(), json));
      }
    } catch (RuntimeException broken) {
      throw new IOException("the file is damaged or not a Parquet file", broken);
    }
    return rows;
  }

  private static JsonNode node(Object value, ObjectMapper json) {
    if (value instanceof Map<?, ?> fields) {
      ObjectNode object = json.createObjectNode();
      fields.forEach(
          (name, field) ->
              object.set(
                  String.valueOf(name),
                  field == null ? JsonNodeFactory.instance.nullNode() : node(field, json)));
      return object;
    }
    if (value instanceof Collection<?> elements) {
      return elements.stream()
          .map(element -> node(element, json))
          .collect(json::createArrayNode, (array, next) -> array.add(next), (a, b) -> a.addAll(b));
    }
    if (value instanceof Binary bytes) {
      return JsonNodeFactory.instance.binaryNode(bytes.getBytes());
    }
    return json.valueToTree(value);
  }
}
