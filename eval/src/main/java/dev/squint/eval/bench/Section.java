package dev.squint.eval.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table of figures and what they were to be.
 *
 * @param name of the part of the benchmark
 * @param about how it was measured
 * @param rows by column
 * @param goals what was to be reached
 */
record Section(String name, String about, List<Map<String, Object>> rows, List<Goal> goals) {

  Section(String name, String about) {
    this(name, about, new ArrayList<>(), new ArrayList<>());
  }

  /** Adds a row: name and value in turn. */
  void row(Object... cells) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < cells.length; i += 2) {
      row.put(cells[i].toString(), cells[i + 1]);
    }
    rows.add(row);
  }

  /** Adds a goal: a figure that was to be this at most. */
  void goal(String goal, double atMost, double measured) {
    goals.add(new Goal(goal, atMost, measured, measured <= atMost));
  }

  /**
   * A figure that was to be this at most.
   *
   * @param goal what it is
   * @param atMost what it was to be
   * @param measured what it is here
   * @param met whether it was reached
   */
  record Goal(String goal, double atMost, double measured, boolean met) {}
}
