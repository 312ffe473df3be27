package dev.squint.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.task.Tasks;
import org.apache.spark.sql.api.java.UDF3;
import org.jspecify.annotations.Nullable;

/** Scores an answer as {@code squint eval} does: task, question as JSON, text of the answer. */
final class ScoreAnswer implements UDF3<String, String, @Nullable String, @Nullable Double> {

  private static final long serialVersionUID = 1;

  @Override
  public @Nullable Double call(String task, String question, @Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      Question asked = JsonFiles.MAPPER.readValue(question, Question.class);
      return Tasks.get(task).gradings().get(0).scorer().score(text, asked).value();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a question cannot be read: " + question, e);
    }
  }
}
