package dev.squint.eval.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell. */
final class TextTable {

  private final List<String[]> rows = new ArrayList<>();

  TextTable(String... header) {
    rows.add(header);
  }

  void row(String... cells) {
    if (cells.length != rows.get(0).length) {
      throw new IllegalArgumentException(
          "a row needs as many cells as the header: it has %d, the header has %d"
              .formatted(cells.length, rows.get(0).length));
    }
    rows.add(cells);
  }

  @Override
  public String toString() {
    int columns = rows.get(0).length;
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        int column = c;
        int width = rows.stream().mapToInt(r -> r[column].length()).max().orElse(0);
        line.append(row[c]).append(" ".repeat(width - row[c].length() + 2));
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
