package dev.squint.eval.report;

import java.util.List;

/**
 * One data set under all plans.
 *
 * @param name of the data set
 * @param questions that were asked under each plan
 * @param pictures that they are about; a clip counts once
 * @param plans in the order of the run
 */
public record DataSetReport(String name, int questions, int pictures, List<Figures> plans) {

  /**
   * The times of a data set under all plans.
   *
   * @param name of the data set
   * @param plans in the order of the run
   */
  public record Timing(String name, List<Times> plans) {}
}
