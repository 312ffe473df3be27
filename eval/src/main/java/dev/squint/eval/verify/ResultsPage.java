package dev.squint.eval.verify;

import dev.squint.eval.metric.Interval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a Markdown page. A cell {@code 93.0 [91.8, 94.2]} is a figure in per cent with its
 * interval. It belongs to the run whose {@code summary.md} was linked last before its table. In a
 * table whose first column is {@code set}, rows are data sets and the headers of other columns
 * plans; in all others, rows are plans and the headers data sets. A first header such as {@code
 * encoder:*(keep=0.5)} completes the names of its rows to plans.
 */
public final class ResultsPage {

  private static final Pattern RUN = Pattern.compile("\\]\\(([^)]*/)summary\\.md\\)");
  private static final String NUMBER = "(\\d+(?:\\.(\\d+))?)";
  private static final Pattern FIGURE =
      Pattern.compile(NUMBER + " \\[" + NUMBER + ", " + NUMBER + "]");

  private final Path page;
  private final Map<Path, List<PublishedFigure>> figures = new LinkedHashMap<>();
  private @Nullable Path run;
  private List<String> header = List.of();

  private ResultsPage(Path page) {
    this.page = page;
  }

  /**
   * Reads the figures of a page by the folders of their runs.
   *
   * @throws IllegalArgumentException if there is none, or one has no run
   */
  public static Map<Path, List<PublishedFigure>> read(Path page) {
    List<String> lines;
    try {
      lines = Files.readAllLines(page);
    } catch (IOException e) {
      throw new UncheckedIOException(page + " cannot be read", e);
    }
    ResultsPage reading = new ResultsPage(page);
    for (int i = 0; i < lines.size(); i++) {
      reading.read(lines.get(i), i + 1);
    }
    if (reading.figures.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no figure like '93.0 [91.8, 94.2]' in a table; give a page with figures or the folder of a run"
              .formatted(page));
    }
    return reading.figures;
  }

  private void read(String line, int number) {
    Matcher link = RUN.matcher(line);
    if (!line.startsWith("|")) {
      while (link.find()) {
        run = page.resolveSibling(link.group(1)).normalize();
      }
      header = List.of();
      return;
    }
    List<String> cells =
        Arrays.stream(line.split("\\|", -1)).map(cell -> cell.strip().replace("`", "")).toList();
    if (header.isEmpty()) {
      header = cells;
      return;
    }
    for (int c = 2; c < Math.min(cells.size(), header.size()); c++) {
      Matcher figure = FIGURE.matcher(cells.get(c));
      if (figure.matches()) {
        add(figure, cells.get(1), header.get(c), number);
      }
    }
  }

  private void add(Matcher figure, String row, String column, int number) {
    String where = page + ":" + number;
    if (run == null) {
      throw new IllegalArgumentException(
          "%s has the figure '%s' without a run; link its summary.md before the table"
              .formatted(where, figure.group()));
    }
    boolean sets = header.get(1).equals("set");
    Interval shown = new Interval(share(figure, 1), share(figure, 3), share(figure, 5));
    String decimals = figure.group(2);
    double rounding = 0.005 * Math.pow(10, -(decimals == null ? 0 : decimals.length()));
    figures
        .computeIfAbsent(run, folder -> new ArrayList<>())
        .add(
            new PublishedFigure(
                where, sets ? row : column, plan(sets ? column : row), shown, rounding));
  }

  private String plan(String name) {
    String pattern = header.get(1);
    return name.equals("none") || !pattern.contains("*") ? name : pattern.replace("*", name);
  }

  private static double share(Matcher figure, int group) {
    return new BigDecimal(figure.group(group)).movePointLeft(2).doubleValue();
  }
}
