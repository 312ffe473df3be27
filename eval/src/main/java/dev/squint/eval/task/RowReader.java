package dev.squint.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.squint.eval.data.EncodedPictures;
import dev.squint.eval.data.Tables;
import dev.squint.eval.data.TextFiles;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the rows of a benchmark's files. */
final class RowReader {

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final Task task;
  private final Layout layout;
  private final ParquetFile parquet;

  RowReader(Path folder, Task task, Layout layout, EncodedPictures pictures) {
    this.folder = folder;
    this.task = task;
    this.layout = layout;
    this.parquet = new ParquetFile(JSON, pictures);
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

  private List<Path> files(String name) {
    List<Path> found = new SplitFiles(folder).of(name);
    if (found.isEmpty()) {
      List<String> names = SplitFiles.alternatives(name);
      throw new IllegalArgumentException(
          "%s: there is no %s in %s%s. %s"
              .formatted(
                  task.name(),
                  names.get(0),
                  folder,
                  others(names.subList(1, names.size())),
                  task.get().strip()));
    }
    return found;
  }

  /** Lists the other names that are accepted, those of the Hugging Face Hub last. */
  private String others(List<String> names) {
    List<String> others = new ArrayList<>(names);
    Layout hub = task.hub();
    if (hub != null && layout.repository() == null) {
      String first = hub.splits().values().iterator().next().files().get(0);
      others.add("%s of %s".formatted(SplitFiles.alternatives(first).get(0), hub.repository()));
    }
    return others.isEmpty() ? "" : " (or " + String.join(", or ", others) + ")";
  }

  private List<ObjectNode> rows(Path path, String at) throws IOException {
    return switch (layout.format()) {
      case JSON -> elements(document(path, at));
      case JSON_LINES -> lines(path);
      case CSV -> table(path, ',');
      case TSV -> table(path, '\t');
      case PARQUET -> parquet.rows(path, folder.relativize(path).toString());
      case MME -> MmeFiles.rows(folder, path);
      case AI2D -> Ai2dFiles.rows(path, JSON);
      case NLVR -> NlvrFiles.rows(folder, path, JSON);
      case SHAPES -> ShapesFiles.rows(path, parquet.pictures());
      case OWN, EASY_VQA ->
          throw new IllegalArgumentException(
              "task %s has a separate reader".formatted(task.name()));
    };
  }

  private static JsonNode document(Path path, String at) throws IOException {
    try (Reader in = TextFiles.open(path)) {
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
    for (String line : TextFiles.lines(path)) {
      if (!line.isBlank()) {
        rows.add((ObjectNode) JSON.readTree(line));
      }
    }
    return rows;
  }

  private static List<ObjectNode> table(Path path, char separator) throws IOException {
    CsvSchema schema = CsvSchema.emptySchema().withHeader().withColumnSeparator(separator);
    try (Reader in = TextFiles.open(path);
        MappingIterator<ObjectNode> rows =
            Tables.CSV.readerFor(ObjectNode.class).with(schema).readValues(in)) {
      return rows.readAll();
    }
  }

  private void join(List<ObjectNode> rows, Task.Join join) {
    Map<String, ObjectNode> others = new HashMap<>();
    String key = join.key();
    for (Path path : files(join.file())) {
      try {
        for (ObjectNode other : rows(path, join.at())) {
          others.put(other.has(key) ? other.get(key).asText() : other.path("_key").asText(), other);
        }
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "%s: %s cannot be read".formatted(task.name(), folder.relativize(path)), e);
      }
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

  private static String stem(String file) {
    String name = file.endsWith(".gz") ? file.substring(0, file.length() - 3) : file;
    int point = name.lastIndexOf('.');
    return point < 0 ? name : name.substring(0, point);
  }
}
