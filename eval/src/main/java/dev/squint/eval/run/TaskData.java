package dev.squint.eval.run;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.task.Task;
import dev.squint.eval.task.TaskPrompt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A data set with the benchmark that defines its prompt and scoring.
 *
 * @param task the benchmark
 * @param set the questions
 */
public record TaskData(Task task, DataSet set) {

  /** Returns the split of the questions; empty for the default one. */
  public String split() {
    String start = task.name() + "-";
    return set.name().startsWith(start) ? set.name().substring(start.length()) : "";
  }

  /** Returns the questions of these kinds; all for no kinds. */
  public TaskData ofKinds(List<String> kinds) {
    return kinds.isEmpty() ? this : new TaskData(task, set.ofKinds(kinds));
  }

  /** Returns the questions about the same pictures together, each of which is then encoded once. */
  List<List<Question>> byPicture() {
    Map<List<String>, List<Question>> groups = new LinkedHashMap<>();
    for (Question question : set.questions()) {
      groups.computeIfAbsent(question.pictures(), pictures -> new ArrayList<>()).add(question);
    }
    return List.copyOf(groups.values());
  }

  /** Returns the prompt for a question. */
  public String prompt(Question question) {
    return new TaskPrompt(task.prompt()).text(question);
  }
}
