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

/**
 * The baselines of a run: no pruning, and for each share of tokens that a plan keeps before the
 * decoder, a random choice, a uniform grid, average pooling and a smaller picture. Published
 * methods are below these baselines more often than their papers report.
 */
public final class Baselines {

  private static final List<String> METHODS = List.of("random", "uniform-grid", "average-pool");

  private Baselines() {}

  /** Returns the conditions with the unpruned one first and the missing baselines last. */
  public static List<Condition> with(List<Condition> wanted) {
    Set<String> names = new LinkedHashSet<>();
    List<Condition> all = new ArrayList<>();
    add(Condition.UNPRUNED, names, all);
    for (Condition condition : wanted) {
      OptionalDouble keep = keep(condition.plan());
      if (keep.isPresent() && keep.getAsDouble() < 1) {
        for (String method : METHODS) {
          String plan = "encoder:%s(keep=%s)".formatted(method, keep.getAsDouble());
          add(Condition.parse(plan), names, all);
        }
        add(Condition.downsample(keep.getAsDouble()), names, all);
      }
    }
    wanted.forEach(condition -> add(condition, names, all));
    return List.copyOf(all);
  }

  /** Returns the conditions without added baselines, the unpruned one first. */
  public static List<Condition> without(List<Condition> wanted) {
    Set<String> names = new LinkedHashSet<>();
    List<Condition> all = new ArrayList<>();
    add(Condition.UNPRUNED, names, all);
    wanted.forEach(condition -> add(condition, names, all));
    return List.copyOf(all);
  }

  private static void add(Condition condition, Set<String> names, List<Condition> all) {
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
