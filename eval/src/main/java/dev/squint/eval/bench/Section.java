package dev.squint.eval.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table of figures and the goals for them.
 *
 * @param name name of the part of the benchmark
 * @param about how the figures were measured
 * @param rows values by column
 * @param goals upper bounds for some figures
 */
record Section(String name, String about, List<Map<String, Object>> rows, List<Goal> goals) {

  Section(String name, String about) {
    this(name, about, new ArrayList<>(), new ArrayList<>());
  }

  /** Adds a row, given as alternating names and values. */
  void row(Object... cells) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < cells.length; i += 2) {
      row.put(cells[i].toString(), cells[i + 1]);
    }
    rows.add(row);
  }

  /** Adds a goal: an upper bound for a figure. */
  void goal(String goal, double atMost, double measured) {
    goals.add(new Goal(goal, atMost, measured, measured <= atMost));
  }

  /**
   * An upper bound for a figure.
   *
   * @param goal name of the figure
   * @param atMost the bound
   * @param measured the measured value
   * @param met whether the value is within the bound
   */
  record Goal(String goal, double atMost, double measured, boolean met) {}
}
