package dev.squint.eval.task;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.data.TextFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads NLVR: JSON lines, and for each of them six pictures with the boxes in another order. Each
 * picture is a question, and all questions with the same sentence are a group.
 */
final class NlvrFiles {

  private static final int ORDERS = 6;

  private NlvrFiles() {}

  static List<ObjectNode> rows(Path folder, Path file, ObjectMapper json) throws IOException {
    String name = String.valueOf(file.getFileName());
    String split = name.substring(0, name.indexOf('.'));
    List<ObjectNode> rows = new ArrayList<>();
    for (String line : TextFiles.lines(file)) {
      if (line.isBlank()) {
        continue;
      }
      ObjectNode example = (ObjectNode) json.readTree(line);
      String identifier = example.path("identifier").asText();
      for (int order = 0; order < ORDERS; order++) {
        String id = "%s-%d".formatted(identifier, order);
        Path picture =
            file.resolveSibling("images")
                .resolve(example.path("directory").asText())
                .resolve("%s-%s.png".formatted(split, id));
        ObjectNode row = json.createObjectNode();
        row.put("_id", id);
        row.put("_sentence", identifier.substring(0, Math.max(0, identifier.indexOf('-'))));
        row.put("_picture", folder.relativize(picture).toString().replace('\\', '/'));
        row.put("sentence", example.path("sentence").asText());
        row.put("label", example.path("label").asText());
        rows.add(row);
      }
    }
    return rows;
  }
}
