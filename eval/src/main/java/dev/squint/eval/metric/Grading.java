package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.List;

/**
 * How a benchmark counts.
 *
 * @param name {@code official}, or the harness that counts so
 * @param scorer what one answer is worth
 * @param aggregate the figure over all
 */
public record Grading(String name, Scorer scorer, Aggregate aggregate) {

  /** Right if equal after {@link AnswerText}; the mean. */
  public static final Grading EXACT_MATCH =
      new Grading("official", Scorers.get("exact-match"), Mean.ALL);

  /** The answers to these questions with their worth. */
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
