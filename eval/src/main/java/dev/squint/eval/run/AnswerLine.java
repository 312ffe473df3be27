package dev.squint.eval.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer as the log holds it, a line of {@code answers.jsonl}.
 *
 * @param set name of the data set
 * @param plan as the plan prints itself
 * @param id of the question
 * @param answer what the model said
 * @param expected the right answers
 * @param score 1 for a right answer, 0 for a wrong one
 * @param visualTokens visual tokens that the encoder gave
 * @param keptTokens visual tokens that the language model saw
 * @param promptTokens tokens of the prompt, kept visual ones included
 * @param completionTokens tokens of the answer
 * @param layerTokens tokens of the prompt that each run of a decoder layer was given; a layer that
 *     ran twice counts twice
 * @param pruneOperations operations of choosing and merging tokens until the first token; null in
 *     logs of before they were counted
 * @param kvBytes bytes of the cache when the answer ended
 * @param finishReason why the answer ended
 * @param objects of the tokens on the things asked about; null if the set does not say where they
 *     are
 * @param ms where the time went
 */
public record AnswerLine(
    String set,
    String plan,
    String id,
    String answer,
    List<String> expected,
    double score,
    int visualTokens,
    int keptTokens,
    int promptTokens,
    int completionTokens,
    @Nullable List<Integer> layerTokens,
    @Nullable Long pruneOperations,
    long kvBytes,
    String finishReason,
    @Nullable ObjectTokens objects,
    Milliseconds ms) {

  /** What no two lines of a log have in common. */
  Key key() {
    return new Key(set, plan, id);
  }

  /** Names one answer of a run. */
  record Key(String set, String plan, String id) {}
}
