package dev.squint.webapp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A table of what tests have seen, written row by row to {@code target/results}, or to the folder
 * that {@code -Dresults.dir} names.
 */
public final class ResultTable {

  private static final Map<String, ResultTable> TABLES = new ConcurrentHashMap<>();

  private static final Path FOLDER =
      Path.of(System.getProperty("results.dir", Path.of("target", "results").toString()));

  private final Path file;
  private final String introduction;
  private final List<String> columns;
  private final Map<String, List<String>> rows = new TreeMap<>();

  private ResultTable(Path file, String introduction, List<String> columns) {
    this.file = file;
    this.introduction = introduction;
    this.columns = columns;
  }

  /** The table of this name; rows are in the order of their first two columns. */
  public static ResultTable of(String name, String introduction, String... columns) {
    return TABLES.computeIfAbsent(
        name, key -> new ResultTable(FOLDER.resolve(key + ".md"), introduction, List.of(columns)));
  }

  /** Adds a row. */
  public synchronized void row(String... cells) {
    List<String> shown = new ArrayList<>();
    for (String cell : cells) {
      shown.add(cell.replace("|", "\\|").replaceAll("\\s+", " ").strip());
    }
    rows.put(shown.get(0) + "\u0000" + shown.get(1), shown);
    StringBuilder text = new StringBuilder(introduction).append('\n');
    line(text, columns);
    line(text, columns.stream().map(column -> "---").toList());
    rows.values().forEach(row -> line(text, row));
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
