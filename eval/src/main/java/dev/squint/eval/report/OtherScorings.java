package dev.squint.eval.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What benchmarks report besides their main figure, and what other harnesses would report.
 *
 * @param summary figures of the run
 */
record OtherScorings(Summary summary) {

  /** Returns the table; empty if no data set of the run has such figures. */
  String text() {
    List<DataSetReport> families =
        summary.families().stream()
            .filter(family -> family.plans().stream().anyMatch(each -> !cell(each).isEmpty()))
            .toList();
    if (families.isEmpty()) {
      return "";
    }
    List<String> header = new ArrayList<>(List.of("plan"));
    families.forEach(family -> header.add(family.name()));
    MarkdownTable table = new MarkdownTable(header);
    List<String> plans = summary.planNames();
    for (int p = 0; p < plans.size(); p++) {
      int plan = p;
      table.row(
          Stream.concat(
                  Stream.of("`" + plans.get(p) + "`"),
                  families.stream().map(family -> cell(family.plans().get(plan))))
              .toList());
    }
    return "\n## Other scorings\n\n"
        + "Other figures of a benchmark, such as precision or points. Then accuracy as other harnesses score, as a share.\n\n"
        + table;
  }

  private static String cell(Figures figures) {
    return Stream.of(figures.further(), figures.harnesses())
        .flatMap(each -> each.entrySet().stream())
        .map(
            each ->
                "%s %s"
                    .formatted(each.getKey(), String.format(Locale.ROOT, "%.4f", each.getValue())))
        .collect(Collectors.joining("; "));
  }
}
