package dev.squint.eval.report;

import dev.squint.eval.run.Baselines;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Compares each plan with a random choice of the same share: of crops or groups of patches for
 * plans that act only before the encoder, of visual tokens for all others.
 *
 * @param summary figures of the run
 */
record RandomComparison(Summary summary) {

  /** Returns the table and the plans below random; empty if the run has no random baseline. */
  String text() {
    List<String> header = new ArrayList<>(List.of("plan"));
    summary.families().forEach(family -> header.add(family.name()));
    header.add("mean");
    MarkdownTable table = new MarkdownTable(header);
    List<String> losing = new ArrayList<>();
    boolean any = false;
    for (String plan : summary.planNames()) {
      String blind = blind(plan);
      if (!summary.planNames().contains(blind) || plan.equals(blind)) {
        continue;
      }
      any = true;
      List<String> row = new ArrayList<>(List.of("`" + plan + "`"));
      double sum = 0;
      for (DataSetReport family : summary.families()) {
        double points = 100 * (accuracy(family, plan) - accuracy(family, blind));
        sum += points;
        row.add(points(points));
      }
      double mean = sum / summary.families().size();
      row.add(points(mean));
      table.row(row);
      if (Math.round(10 * mean) < 0) {
        losing.add("`%s` (%s)".formatted(plan, points(mean)));
      }
    }
    if (!any) {
      return "";
    }
    return "\n## Comparison with a random choice\n\nPercentage points of accuracy above a random choice of the same share: of crops or groups of patches for plans that act only before the encoder, of visual tokens for all others.\n\n"
        + table
        + (losing.isEmpty()
            ? "\nNo plan is below random on the mean over the data sets.\n"
            : "\nPlans below random on the mean over the data sets: %s.\n"
                .formatted(String.join(", ", losing)));
  }

  private static String blind(String condition) {
    if (condition.startsWith("downsample(")) {
      return ""; // A baseline of older runs: pictures shrunk before the model's own resizing.
    }
    PruningPlan plan = PruningPlan.parse(condition);
    OptionalDouble keep = Baselines.keep(plan);
    if (keep.isEmpty()) {
      return "";
    }
    return "%s:random(keep=%s)".formatted(point(plan, condition), keep.getAsDouble());
  }

  /** Where a random choice of the same share acts. */
  private static Point point(PruningPlan plan, String condition) {
    boolean alone = plan.points().size() == 1 && !condition.startsWith("tiles:downsample");
    for (Point point : List.of(Point.TILES, Point.PATCHES)) {
      if (alone && plan.points().contains(point)) {
        return point;
      }
    }
    return Point.ENCODER;
  }

  private static double accuracy(DataSetReport family, String plan) {
    return family.plans().stream()
        .filter(figures -> figures.plan().equals(plan))
        .findFirst()
        .orElseThrow()
        .accuracy()
        .value();
  }

  private static String points(double points) {
    return String.format(Locale.ROOT, "%+.1f", points);
  }
}
