package dev.squint.eval.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.data.TextFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads MME's download: a folder for each subtask, and for each picture a text file with two lines,
 * question and answer separated by a tab. Some subtasks have separate folders for pictures and
 * texts.
 */
final class MmeFiles {

  private static final List<String> PICTURES = List.of(".jpg", ".png");

  private MmeFiles() {}

  static List<ObjectNode> rows(Path folder, Path root) throws IOException {
    List<ObjectNode> rows = new ArrayList<>();
    for (Path subtask : sorted(root)) {
      if (Files.isDirectory(subtask)) {
        Path apart = subtask.resolve("questions_answers_YN");
        Path texts = Files.isDirectory(apart) ? apart : subtask;
        Path pictures = Files.isDirectory(apart) ? subtask.resolve("images") : subtask;
        for (Path text : sorted(texts)) {
          if (text.toString().endsWith(".txt")) {
            read(folder, name(subtask), text, pictures, rows);
          }
        }
      }
    }
    return rows;
  }

  private static void read(
      Path folder, String subtask, Path text, Path pictures, List<ObjectNode> rows)
      throws IOException {
    String stem = name(text).substring(0, name(text).length() - ".txt".length());
    Path picture = pictures.resolve(stem + PICTURES.get(0));
    for (String extension : PICTURES) {
      if (Files.exists(pictures.resolve(stem + extension))) {
        picture = pictures.resolve(stem + extension);
      }
    }
    int line = 0;
    for (String entry : TextFiles.lines(text)) {
      int tab = entry.indexOf('\t');
      if (tab > 0) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.put("id", "%s/%s/%d".formatted(subtask, stem, line++));
        row.put("subtask", subtask);
        row.put("image", folder.relativize(picture).toString().replace('\\', '/'));
        row.put("question", entry.substring(0, tab));
        row.put("answer", entry.substring(tab + 1).strip());
        rows.add(row);
      }
    }
  }

  private static String name(Path path) {
    String text = path.toString().replaceFirst("[/\\\\]$", "");
    return text.substring(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1);
  }

  private static List<Path> sorted(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }
}
