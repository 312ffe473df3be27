package dev.squint.eval.run;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.task.Task;
import dev.squint.eval.task.TaskPrompt;

/**
 * A data set with the benchmark that says how to ask it and how answers count.
 *
 * @param task the benchmark
 * @param set the questions
 */
public record Assignment(Task task, DataSet set) {

  /** What the model is asked. */
  public String prompt(Question question) {
    return new TaskPrompt(task.prompt()).text(question);
  }
}
