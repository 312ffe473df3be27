package dev.squint.eval.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Accuracy of a run against the share of visual tokens, a curve for each method. */
public final class BudgetCurves {

  private static final Pattern BUDGET =
      Pattern.compile("(?:keep|tokens|first)=[0-9.]+(?:\\.\\.[0-9.]+)?(?:, )?");
  private static final Pattern EMPTY = Pattern.compile("(?:, )?\\(\\)|(?<=\\w), (?=\\))");

  private BudgetCurves() {}

  /**
   * The plans that differ in their budgets alone.
   *
   * @param method text of the plans without budgets
   * @param places from the fewest tokens to the most
   */
  public record Curve(String method, List<Place> places) {
    /** Copies the list. */
    public Curve {
      places = List.copyOf(places);
    }
  }

  /**
   * One plan.
   *
   * @param tokens visual tokens of a decoder layer, in per cent of those without pruning, mean over
   *     the data sets
   * @param accuracy in per cent, mean over the data sets
   */
  public record Place(double tokens, double accuracy) {}

  /** Returns the curves of methods with two budgets or more, the most accurate one first. */
  public static List<Curve> of(Summary summary) {
    Map<String, List<Place>> methods = new LinkedHashMap<>();
    for (String plan : summary.planNames()) {
      String method = method(plan);
      if (!method.equals(plan)) {
        methods.computeIfAbsent(method, name -> new ArrayList<>()).add(place(summary, plan));
      }
    }
    return methods.entrySet().stream()
        .filter(entry -> entry.getValue().size() > 1)
        .map(entry -> new Curve(entry.getKey(), sorted(entry.getValue())))
        .sorted(Comparator.comparingDouble(BudgetCurves::mean).reversed())
        .toList();
  }

  /** Accuracy without pruning in per cent, mean over the data sets. */
  public static double unpruned(Summary summary) {
    return place(summary, "none").accuracy();
  }

  /** The text of a plan without its budgets. */
  static String method(String plan) {
    return EMPTY.matcher(BUDGET.matcher(plan).replaceAll("")).replaceAll("");
  }

  private static List<Place> sorted(List<Place> places) {
    return places.stream().sorted(Comparator.comparingDouble(Place::tokens)).toList();
  }

  private static double mean(Curve curve) {
    return curve.places().stream().mapToDouble(Place::accuracy).average().orElseThrow();
  }

  private static Place place(Summary summary, String plan) {
    double tokens = 0;
    double accuracy = 0;
    for (DataSetReport set : summary.families()) {
      Figures figures = figures(set, plan);
      tokens += figures.tokens().layerMean() / figures(set, "none").tokens().layerMean();
      accuracy += figures.accuracy().value();
    }
    int sets = summary.families().size();
    return new Place(100 * tokens / sets, 100 * accuracy / sets);
  }

  private static Figures figures(DataSetReport set, String plan) {
    return set.plans().stream()
        .filter(figures -> figures.plan().equals(plan))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the run has no plan '%s' for %s".formatted(plan, set.name())));
  }
}
