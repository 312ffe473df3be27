package dev.squint.eval.run;

import dev.squint.eval.data.Question;
import dev.squint.llm.Answer;
import dev.squint.llm.EncoderWork;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.Point;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer in the log, a line of {@code answers.jsonl}.
 *
 * @param set name of the data set
 * @param plan the plan's text
 * @param id id of the question
 * @param answer the model's answer
 * @param expected the right answers
 * @param score score of the answer, from 0 (wrong) to 1 (right)
 * @param visualTokens visual tokens from the encoder
 * @param encoded what went through the encoder; null in logs of older versions
 * @param keptTokens visual tokens in the prompt
 * @param promptTokens tokens of the prompt, including kept visual tokens
 * @param completionTokens tokens of the answer
 * @param layerTokens prompt tokens per run of a decoder layer; a layer that ran twice has two
 *     entries
 * @param pruneOperations operations of choosing and merging tokens until the first token; null in
 *     logs of older versions
 * @param kvBytes bytes of the cache at the end of the answer
 * @param finishReason why the answer ended
 * @param objects tokens on the objects of the question; null if the data set has no boxes
 * @param ms times
 * @param error why the question could not be asked; null if it was
 */
public record AnswerLine(
    String set,
    String plan,
    String id,
    String answer,
    List<String> expected,
    double score,
    int visualTokens,
    @Nullable Encoded encoded,
    int keptTokens,
    int promptTokens,
    int completionTokens,
    @Nullable List<Integer> layerTokens,
    @Nullable Long pruneOperations,
    long kvBytes,
    String finishReason,
    @Nullable ObjectTokens objects,
    Milliseconds ms,
    @Nullable String error) {

  /** Returns the line of a question that could not be asked; it counts as wrong. */
  static AnswerLine failed(String set, String plan, Question question, String error) {
    return new AnswerLine(
        set,
        plan,
        question.id(),
        "",
        question.answers(),
        0,
        0,
        null,
        0,
        0,
        0,
        null,
        null,
        0,
        "error",
        null,
        Milliseconds.NONE,
        error);
  }

  /** Whether the question could not be asked. */
  public boolean failed() {
    return error != null;
  }

  /** Tokens of the prompt that each run of a decoder layer was given, a run after another. */
  public static List<Integer> layerTokens(Answer answer) {
    List<Integer> tokens = new ArrayList<>();
    for (StageRun run : answer.prefillRuns()) {
      tokens.addAll(Collections.nCopies(run.endLayer() - run.firstLayer(), run.tokens()));
    }
    return tokens;
  }

  /**
   * What went through the encoder, for this answer or an earlier one.
   *
   * @param tiles number of tiles
   * @param tokens visual tokens that were made of them
   * @param work what each layer ran on, under plans that leave out patches before or between the
   *     layers; null under others, and in logs of older versions
   */
  public record Encoded(int tiles, int tokens, @Nullable EncoderWork work) {

    /** That of an answer. */
    public static Encoded of(Answer answer) {
      boolean some = answer.plan().points().contains(Point.PATCHES);
      return new Encoded(
          answer.encoding().encodedTiles(),
          answer.encoding().encodedTokens(),
          some || answer.plan().actsInsideEncoder() ? answer.encoderWork() : null);
    }
  }

  /** Identifies this line in the log. */
  Key key() {
    return new Key(set, plan, id);
  }

  /** Identifies an answer of a run. */
  record Key(String set, String plan, String id) {}
}
