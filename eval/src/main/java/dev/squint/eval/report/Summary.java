package dev.squint.eval.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * The figures of a run: {@code summary.json}.
 *
 * @param model name of the model
 * @param families figures by data set
 */
public record Summary(String model, List<DataSetReport> families) {

  /** Texts of the plans. */
  @JsonIgnore
  public List<String> planNames() {
    return families.isEmpty()
        ? List.of()
        : families.get(0).plans().stream().map(Figures::plan).toList();
  }
}
