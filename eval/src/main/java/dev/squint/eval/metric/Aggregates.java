package dev.squint.eval.metric;

import java.util.Map;
import java.util.TreeMap;

/** Aggregates by their names in task files. */
public final class Aggregates {

  private static final Map<String, Aggregate> ALL =
      new TreeMap<>(
          Map.of(
              "mean", Mean.ALL,
              "mean-non-empty", Mean.NON_EMPTY,
              "mean-of-kinds", Mean.OF_KINDS,
              "kind-initials", new KindInitials(),
              "groups", new Groups(),
              "yes-no", new YesNoFigures(YesNo.WORD),
              "yes-no-whole", new YesNoFigures(YesNo.WHOLE, true),
              "no-or-yes", new YesNoFigures(YesNo.NO_OR_YES),
              "mme", new MmeFigures()));

  private Aggregates() {}

  /**
   * Returns the aggregate with this name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public static Aggregate get(String name) {
    Aggregate aggregate = ALL.get(name);
    if (aggregate == null) {
      throw new IllegalArgumentException(
          "no aggregate is called '%s'; there are %s".formatted(name, ALL.keySet()));
    }
    return aggregate;
  }
}
