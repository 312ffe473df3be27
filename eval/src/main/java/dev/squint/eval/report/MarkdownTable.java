package dev.squint.eval.report;

import java.util.ArrayList;
import java.util.List;

/** A Markdown table (GitHub), padded to be readable as plain text. */
final class MarkdownTable {

  private final List<List<String>> rows = new ArrayList<>();
  private final int names;

  /** A table whose first column has names, and the others figures. */
  MarkdownTable(List<String> header) {
    this(header, 1);
  }

  /** A table whose first columns have names, and the others figures. */
  MarkdownTable(List<String> header, int names) {
    rows.add(header);
    this.names = names;
  }

  void row(List<String> cells) {
    if (cells.size() != rows.get(0).size()) {
      throw new IllegalArgumentException(
          "a row has %d cells but the header %d".formatted(cells.size(), rows.get(0).size()));
    }
    rows.add(cells);
  }

  @Override
  public String toString() {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], escaped(row.get(c)).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      text.append('|');
      for (int c = 0; c < widths.length; c++) {
        String cell = escaped(rows.get(r).get(c));
        text.append(' ').append(cell).append(" ".repeat(widths[c] - cell.length())).append(" |");
      }
      text.append('\n');
      if (r == 0) {
        text.append('|');
        for (int c = 0; c < widths.length; c++) {
          boolean figures = c >= names;
          text.append(' ')
              .append("-".repeat(Math.max(2, widths[c]) - (figures ? 1 : 0)))
              .append(figures ? ": |" : " |");
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static String escaped(String cell) {
    return cell.replace("|", "\\|");
  }
}
