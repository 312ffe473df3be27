package dev.squint.eval.metric;

import java.util.Map;
import java.util.TreeMap;

/** Aggregates by their names in task files. */
public final class Aggregates {

  private static final Map<String, Aggregate> ALL =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("mean", Mean.ALL),
              Map.entry("mean-non-empty", Mean.NON_EMPTY),
              Map.entry("mean-of-kinds", Mean.OF_KINDS),
              Map.entry("kind-initials", new KindInitials()),
              Map.entry("groups", new Groups()),
              Map.entry("yes-no", new YesNoFigures(YesNo.WORD)),
              Map.entry("yes-no-whole", new YesNoFigures(YesNo.WHOLE, true)),
              Map.entry("no-or-yes", new YesNoFigures(YesNo.NO_OR_YES)),
              Map.entry("consistency", new Consistency()),
              Map.entry("mme", new MmeFigures()),
              Map.entry("blind-tasks", BlindTest.Tasks.MEAN)));

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
