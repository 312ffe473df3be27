package dev.squint.eval.report;

import dev.squint.eval.cost.Flops;
import dev.squint.eval.metric.Interval;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one plan on one data set. Resumed runs give the same figures; times are in {@link
 * Times}.
 *
 * @param plan the plan's text
 * @param accuracy the benchmark's main figure, usually the share of right answers
 * @param further the benchmark's other figures, by name
 * @param harnesses the main figure in harnesses with another scoring, by name
 * @param unparsed share of texts without a recognizable answer; they count as wrong
 * @param relative accuracy divided by the accuracy without pruning; null if that is 0
 * @param hard accuracy on the questions that are right without pruning and wrong with the baseline
 *     {@code downsample} at the same share of tokens; null without that baseline or without such
 *     questions
 * @param objects tokens on the objects that questions are about; null if the data set has no boxes
 * @param flops operations of prefill, encoder and pruner; null if the model's sizes are unknown
 * @param difference accuracy minus the accuracy without pruning, paired by question; null for the
 *     unpruned answers themselves
 * @param agreement share of answers that equal those without pruning
 * @param tokens visual tokens
 * @param kvBytesMean mean size of the cache at the end of an answer, in bytes
 * @param promptTokensMean mean number of prompt tokens, including kept visual tokens
 * @param cutOff share of answers that reached the token limit
 * @param kinds accuracy by kind of question
 * @param unseen accuracy on questions about objects outside of the training data; null if the data
 *     set does not mark them
 * @param failed number of questions that could not be asked; they count as wrong
 */
public record Figures(
    String plan,
    Interval accuracy,
    SortedMap<String, Double> further,
    SortedMap<String, Double> harnesses,
    double unparsed,
    @Nullable Double relative,
    @Nullable Kind hard,
    @Nullable Objects objects,
    @Nullable Costs flops,
    @Nullable Interval difference,
    double agreement,
    Tokens tokens,
    double kvBytesMean,
    double promptTokensMean,
    double cutOff,
    SortedMap<String, Kind> kinds,
    @Nullable Kind unseen,
    int failed) {

  /**
   * Visual tokens per question.
   *
   * @param encodedMean mean number of tokens from the encoder
   * @param keptMean mean number of tokens in the prompt
   * @param keptP95 95th percentile of the tokens in the prompt
   * @param layerMean mean number of tokens per decoder layer
   */
  public record Tokens(double encodedMean, double keptMean, double keptP95, double layerMean) {}

  /**
   * A subset of the questions.
   *
   * @param questions number of questions
   * @param accuracy share of right answers
   */
  public record Kind(int questions, Interval accuracy) {}

  /**
   * Share of kept tokens on the objects that questions are about.
   *
   * @param questions number of questions with boxes
   * @param keptOnThings kept share of the tokens on the objects
   * @param keptAnywhere kept share of all tokens of these questions, the expected value of a random
   *     choice
   * @param found share of these questions with a kept token on their objects, for a plan that keeps
   *     one token the pointing game (arXiv 1608.00507); null in summaries of older versions
   */
  public record Objects(
      int questions, double keptOnThings, double keptAnywhere, @Nullable Double found) {}

  /**
   * Mean operations per question until its first token.
   *
   * @param prefill of the prompt, by convention
   * @param encoder of the vision encoder, without stem and projector
   * @param pruner of choosing and merging tokens, including its additional graph outputs; null if
   *     an older run did not record it
   */
  public record Costs(Flops prefill, double encoder, @Nullable Double pruner) {}
}
