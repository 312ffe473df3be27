package dev.squint.eval.run;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The baselines of a run: no pruning, and for each share of tokens that a plan keeps before the
 * decoder, a random choice, a uniform grid, average pooling and a smaller picture ({@code
 * tiles:downsample}). Published methods are below these baselines more often than their papers
 * report.
 */
public final class Baselines {

  private static final List<String> METHODS = List.of("random", "uniform-grid", "average-pool");
  private static final Pattern DOWNSAMPLE = Pattern.compile("downsample(\\(.*\\))");

  private Baselines() {}

  /**
   * Parses a plan; {@code downsample(keep=K)} is short for {@code tiles:downsample(keep=K)}.
   *
   * @throws IllegalArgumentException if it is not a plan
   */
  public static PruningPlan parse(String text) {
    Matcher matcher = DOWNSAMPLE.matcher(text.strip());
    return PruningPlan.parse(matcher.matches() ? "tiles:downsample" + matcher.group(1) : text);
  }

  /** Returns the plan for a smaller picture with about this share of its visual tokens. */
  public static PruningPlan downsample(double keep) {
    return PruningPlan.parse("tiles:downsample(keep=%s)".formatted(keep));
  }

  /**
   * Returns the plans with the unpruned one first and the wanted plans last.
   *
   * @param clips whether the model is asked about clips, whose frames {@code tiles:downsample} does
   *     not shrink; then that baseline is left out
   */
  public static List<PruningPlan> with(List<PruningPlan> wanted, boolean clips) {
    Set<String> names = new LinkedHashSet<>();
    List<PruningPlan> all = new ArrayList<>();
    add(PruningPlan.none(), names, all);
    for (PruningPlan condition : wanted) {
      OptionalDouble keep = keep(condition);
      if (keep.isPresent() && keep.getAsDouble() < 1) {
        for (String method : METHODS) {
          String plan = "encoder:%s(keep=%s)".formatted(method, keep.getAsDouble());
          add(PruningPlan.parse(plan), names, all);
        }
        if (!clips) {
          add(downsample(keep.getAsDouble()), names, all);
        }
      }
    }
    wanted.forEach(condition -> add(condition, names, all));
    return List.copyOf(all);
  }

  /** Returns the plans without added baselines, the unpruned one first. */
  public static List<PruningPlan> without(List<PruningPlan> wanted) {
    Set<String> names = new LinkedHashSet<>();
    List<PruningPlan> all = new ArrayList<>();
    add(PruningPlan.none(), names, all);
    wanted.forEach(condition -> add(condition, names, all));
    return List.copyOf(all);
  }

  private static void add(PruningPlan condition, Set<String> names, List<PruningPlan> all) {
    if (names.add(condition.toString())) {
      all.add(condition);
    }
  }

  /**
   * Returns the share of tokens that a plan keeps before the decoder; empty if its budgets give no
   * share.
   */
  public static OptionalDouble keep(PruningPlan plan) {
    double keep = 1;
    boolean any = false;
    for (Step<?> step : plan.steps()) {
      if (step.point().kind().compareTo(Point.Kind.ENCODER) <= 0) {
        OptionalDouble share = share(step.budget());
        any |= share.isPresent();
        keep *= share.orElse(1);
      }
    }
    return any ? OptionalDouble.of(keep) : OptionalDouble.empty();
  }

  /** A budget with equal bounds is also a share. */
  private static OptionalDouble share(Budget budget) {
    if (budget instanceof Budget.Ratio ratio) {
      return OptionalDouble.of(ratio.keep());
    }
    return budget instanceof Budget.Adaptive bounds && bounds.least() == bounds.most()
        ? OptionalDouble.of(bounds.most())
        : OptionalDouble.empty();
  }
}
