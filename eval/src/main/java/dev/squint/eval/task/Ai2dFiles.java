package dev.squint.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.data.TextFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads AI2D's download: {@code questions/PICTURE.json} for each picture, an object with the
 * questions as keys, and {@code ai2d_test_ids.csv} with the pictures of the test split, if it
 * exists.
 */
final class Ai2dFiles {

  private static final String TEST_IDS = "ai2d_test_ids.csv";

  private Ai2dFiles() {}

  static List<ObjectNode> rows(Path folder, ObjectMapper json) throws IOException {
    Path parent = folder.resolveSibling(TEST_IDS);
    List<String> test = Files.exists(parent) ? TextFiles.lines(parent) : List.of();
    List<ObjectNode> rows = new ArrayList<>();
    List<Path> files;
    try (var entries = Files.list(folder)) {
      files = entries.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : files) {
      JsonNode document = json.readTree(String.join("\n", TextFiles.lines(file)));
      String picture = document.path("imageName").asText();
      if (!test.isEmpty() && !test.contains(picture.replaceFirst("\\.[^.]+$", ""))) {
        continue;
      }
      for (Map.Entry<String, JsonNode> entry : document.path("questions").properties()) {
        ObjectNode row = ((ObjectNode) entry.getValue()).deepCopy();
        row.put("question", entry.getKey());
        row.put("imageName", picture);
        rows.add(row);
      }
    }
    return rows;
  }
}
