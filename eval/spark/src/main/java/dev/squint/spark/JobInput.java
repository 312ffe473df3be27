package dev.squint.spark;

import dev.squint.eval.run.TaskData;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Rows to ask: columns {@code set}, {@code id}, {@code question}, those of the pictures, and for
 * graded sets {@code expected}, {@code task} and {@code question_json}.
 *
 * @param set name of the data set
 * @param identity what the answers depend on beside model and plan; another one is another input
 * @param rows the rows
 * @param pictures reads their pictures
 * @param group columns that rows about one picture have in common
 * @param maxTokens longest answer
 * @param data the questions with their right answers; null if there are none
 */
record JobInput(
    String set,
    String identity,
    Dataset<Row> rows,
    PictureSource pictures,
    List<String> group,
    int maxTokens,
    @Nullable TaskData data) {

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

  /** Whether the answers can be scored. */
  boolean graded() {
    return data != null;
  }
}
