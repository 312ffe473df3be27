package dev.squint.eval.run;

import dev.squint.eval.data.Question;
import org.jspecify.annotations.Nullable;

/**
 * A second question of a conversation under one plan, a line of {@code turns.jsonl}.
 *
 * @param set name of the data set
 * @param plan the plan's text
 * @param id id of the question
 * @param cluster pictures of the question
 * @param alone asked without the first question
 * @param eachTurn asked behind the first question, with tokens that the plan chose for the second
 *     one
 * @param firstTurn asked behind the first question, with the tokens that the plan chose for that
 *     one
 */
public record TurnRow(
    String set,
    String plan,
    String id,
    String cluster,
    Asked alone,
    Asked eachTurn,
    Asked firstTurn) {

  static TurnRow of(
      TaskData data, String plan, Question question, Asked alone, Asked eachTurn, Asked firstTurn) {
    return new TurnRow(
        data.set().name(), plan, question.id(), question.cluster(), alone, eachTurn, firstTurn);
  }

  /**
   * One way to ask.
   *
   * @param answer the model's answer
   * @param score from 0 (wrong) to 1 (right)
   * @param objects tokens on the objects of the second question; null if the set has no boxes
   * @param promptTokens tokens of the prompt
   * @param reusedTokens how many of them were there since the first question
   */
  public record Asked(
      String answer,
      double score,
      @Nullable ObjectTokens objects,
      int promptTokens,
      int reusedTokens) {}

  /** Whether the first question's choice has no token on the objects of the second one. */
  public boolean dropped() {
    ObjectTokens objects = firstTurn.objects();
    return objects != null && objects.all() > 0 && objects.kept() == 0;
  }
}
