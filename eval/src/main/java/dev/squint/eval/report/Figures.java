package dev.squint.eval.report;

import dev.squint.eval.cost.Flops;
import dev.squint.eval.metric.Interval;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one plan makes of one family of questions. Everything here is the same however often the run
 * was stopped; times stand apart in {@link Times}.
 *
 * @param plan as it prints itself
 * @param accuracy the benchmark's main figure, for most the share of right answers
 * @param further what else the benchmark reports, by name
 * @param harnesses the main figure as harnesses count it that differ, by name
 * @param unparsed share of answers that could not be read; they count as wrong
 * @param relative accuracy divided by that without pruning; null if that is 0
 * @param hard accuracy on the questions that are right without pruning and wrong on a picture with
 *     as few pixels as the plan keeps tokens; null if that was not measured or there is none
 * @param objects tokens on the things that questions ask about; null if the set does not say where
 *     they are
 * @param flops of the prefill, the encoder and the pruner; null if the model does not say its sizes
 * @param difference accuracy less that without pruning, question by question; null for the unpruned
 *     answers themselves
 * @param agreement share of answers equal to those without pruning
 * @param tokens visual tokens
 * @param kvBytesMean bytes of the cache when an answer ends
 * @param promptTokensMean tokens of the prompt, kept visual ones included
 * @param cutOff share of answers that ended at the limit of tokens
 * @param kinds by kind of question
 * @param unseen of the questions about what training left out, as far as the set says; else null
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
    @Nullable Kind unseen) {

  /**
   * Visual tokens of a question.
   *
   * @param encodedMean tokens that the encoder gave
   * @param keptMean tokens that the language model saw
   * @param keptP95 so many or fewer in 95 % of the questions
   * @param layerMean tokens that a decoder layer was given, mean over its layers
   */
  public record Tokens(double encodedMean, double keptMean, double keptP95, double layerMean) {}

  /**
   * A part of the questions.
   *
   * @param questions how many
   * @param accuracy share of right answers
   */
  public record Kind(int questions, Interval accuracy) {}

  /**
   * Whether the kept tokens lie on the things that are asked about.
   *
   * @param questions how many say where the things are
   * @param keptOnThings share of the tokens on them that was kept
   * @param keptAnywhere share of all tokens of these questions that was kept, which a blind choice
   *     would keep of the things too
   */
  public record Objects(int questions, double keptOnThings, double keptAnywhere) {}

  /**
   * Mean operations for a question until its first token.
   *
   * @param prefill of the prompt, by convention
   * @param encoder of the vision encoder, without stem and projector
   * @param pruner of choosing and merging tokens, with what was computed for it beside the model;
   *     null in runs of before it was counted
   */
  public record Costs(Flops prefill, double encoder, @Nullable Double pruner) {}
}
