package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.List;

/**
 * The scoring of a benchmark.
 *
 * @param name {@code official}, or the harness with this scoring
 * @param scorer scores one answer
 * @param aggregate combines the scores
 */
public record Grading(String name, Scorer scorer, Aggregate aggregate) {

  /** Exact match after {@link AnswerText}, and the mean. */
  public static final Grading EXACT_MATCH =
      new Grading("official", Scorers.get("exact-match"), Mean.ALL);

  /** Returns the answers to these questions with their scores. */
  public List<Graded> grade(List<Question> questions, List<String> answers) {
    List<Graded> graded = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      String answer = answers.get(i);
      graded.add(new Graded(question, question.group(), answer, scorer.score(answer, question)));
    }
    return graded;
  }
}
