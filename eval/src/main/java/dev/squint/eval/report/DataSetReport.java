package dev.squint.eval.report;

import java.util.List;

/**
 * The figures of one data set under all plans.
 *
 * @param name name of the data set
 * @param questions number of questions under each plan
 * @param pictures number of different pictures; a clip counts once
 * @param plans in the order of the run
 */
public record DataSetReport(String name, int questions, int pictures, List<Figures> plans) {

  /**
   * The times of a data set under all plans.
   *
   * @param name name of the data set
   * @param plans in the order of the run
   */
  public record Timing(String name, List<Times> plans) {}
}
