package dev.squint.spark;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows to ask: columns {@code set}, {@code id}, {@code question}, those of the pictures, and for
 * graded sets {@code expected}, {@code task} and {@code question_json}.
 *
 * @param rows the rows
 * @param pictures reads their pictures
 * @param group columns that rows about one picture have in common
 * @param maxTokens longest answer
 * @param graded whether the answers can be scored
 */
record JobInput(
    Dataset<Row> rows, PictureSource pictures, List<String> group, int maxTokens, boolean graded) {

  static final String SET = "set";
  static final String ID = "id";
  static final String QUESTION = "question";
  static final String EXPECTED = "expected";
  static final String TASK = "task";
  static final String QUESTION_JSON = "question_json";

  /** Copies the list. */
  JobInput {
    group = List.copyOf(group);
  }
}
