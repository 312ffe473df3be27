package dev.squint.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.squint.eval.data.Tables;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads the rows of a benchmark's files. */
final class RowReader {

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final Task task;

  RowReader(Path folder, Task task) {
    this.folder = folder;
    this.task = task;
  }

  /**
   * Reads a split.
   *
   * @throws IllegalArgumentException if a file is missing or damaged
   */
  List<Row> read(Task.Split split) {
    List<ObjectNode> rows = new ArrayList<>();
    for (Path path : split.files().stream().flatMap(file -> files(file).stream()).toList()) {
      try {
        for (ObjectNode row : rows(path, split.at())) {
          row.put("_file", stem(String.valueOf(path.getFileName())));
          row.put("_folder", String.valueOf(path.resolve("..").normalize().getFileName()));
          rows.add(row);
        }
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "%s: %s cannot be read: %s"
                .formatted(
                    task.name(),
                    folder.relativize(path),
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
            e);
      }
    }
    if (split.join() != null) {
      join(rows, split.join());
    }
    for (int i = 0; i < rows.size(); i++) {
      rows.get(i).put("_row", i);
    }
    return rows.stream().map(Row::new).toList();
  }

  /** Returns the file with this name, or all files that match a name with {@code *}. */
  private List<Path> files(String name) {
    List<Path> found = List.of(folder.resolve(name));
    if (name.indexOf('*') >= 0) {
      PathMatcher matcher = folder.getFileSystem().getPathMatcher("glob:" + name);
      try (Stream<Path> all = Files.walk(folder, name.split("/", -1).length)) {
        found = all.filter(file -> matcher.matches(folder.relativize(file))).sorted().toList();
      } catch (IOException e) {
        throw new UncheckedIOException(folder + " cannot be listed", e);
      }
    }
    if (found.isEmpty() || !Files.exists(found.get(0))) {
      throw new IllegalArgumentException(
          "%s: there is no %s in %s. %s".formatted(task.name(), name, folder, task.get().strip()));
    }
    return found;
  }

  private List<ObjectNode> rows(Path path, String at) throws IOException {
    return switch (task.format()) {
      case JSON -> elements(document(path, at));
      case JSON_LINES -> lines(path);
      case CSV -> table(path, ',');
      case TSV -> table(path, '\t');
      case PARQUET -> ParquetFile.rows(path, JSON);
      case MME -> MmeFiles.rows(path);
      case AI2D -> Ai2dFiles.rows(path, JSON);
      case OWN, EASY_VQA ->
          throw new IllegalArgumentException(
              "task %s has a separate reader".formatted(task.name()));
    };
  }

  private static JsonNode document(Path path, String at) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      JsonNode root = JSON.readTree(in);
      return at.isEmpty() ? root : root.path(at);
    }
  }

  private static List<ObjectNode> elements(JsonNode rows) {
    List<ObjectNode> elements = new ArrayList<>();
    if (rows.isArray()) {
      rows.forEach(row -> elements.add((ObjectNode) row));
    } else {
      for (Map.Entry<String, JsonNode> entry : rows.properties()) {
        ObjectNode row =
            entry.getValue() instanceof ObjectNode object
                ? object
                : JSON.createObjectNode().set("_value", entry.getValue());
        elements.add(row.put("_key", entry.getKey()));
      }
    }
    return elements;
  }

  private static List<ObjectNode> lines(Path path) throws IOException {
    List<ObjectNode> rows = new ArrayList<>();
    try (var lines = Files.lines(path)) {
      for (String line : (Iterable<String>) lines::iterator) {
        if (!line.isBlank()) {
          rows.add((ObjectNode) JSON.readTree(line));
        }
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    return rows;
  }

  private static List<ObjectNode> table(Path path, char separator) throws IOException {
    CsvSchema schema = CsvSchema.emptySchema().withHeader().withColumnSeparator(separator);
    try (InputStream in = Files.newInputStream(path);
        MappingIterator<ObjectNode> rows =
            Tables.CSV.readerFor(ObjectNode.class).with(schema).readValues(in)) {
      return rows.readAll();
    }
  }

  private void join(List<ObjectNode> rows, Task.Join join) {
    Map<String, ObjectNode> others = new HashMap<>();
    Path path = folder.resolve(join.file());
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          "%s: there is no %s in %s. %s"
              .formatted(task.name(), join.file(), folder, task.get().strip()));
    }
    try {
      for (ObjectNode other : elements(document(path, join.at()))) {
        String key =
            other.has(join.on()) ? other.get(join.on()).asText() : other.path("_key").asText();
        others.put(key, other);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s: %s cannot be read".formatted(task.name(), join.file()), e);
    }
    for (var row = rows.iterator(); row.hasNext(); ) {
      ObjectNode question = row.next();
      ObjectNode other = others.get(question.path(join.on()).asText());
      if (other == null) {
        row.remove(); // The answers of a hidden test set are public for a subset only.
      } else {
        other.properties().forEach(field -> question.putIfAbsent(field.getKey(), field.getValue()));
      }
    }
  }

  private static String stem(String name) {
    int point = name.lastIndexOf('.');
    return point < 0 ? name : name.substring(0, point);
  }
}
