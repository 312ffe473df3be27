package dev.squint.eval.bench;

import dev.squint.eval.cost.ModelCost;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageInput;
import java.util.List;
import java.util.Optional;

/**
 * Estimated time of an answer on this machine, by phase. The compute speed of the decoder and the
 * speed at which it reads its weights are measured on a short prompt; the rest follows from
 * operation counts. Decoding reads all weights once per token, so its time does not follow from
 * operations.
 *
 * @param encoder processor milliseconds
 * @param prefill processor milliseconds
 * @param decode processor milliseconds
 */
public record TimeShares(double encoder, double prefill, double decode) {

  private static final int PROBE_TOKENS = 128;
  private static final int ROUNDS = 3;

  /**
   * Estimates the times; empty if {@code config.json} lacks a number.
   *
   * @param visualTokens visual tokens from the encoder, before pruning
   * @param promptTokens tokens of the prompt, including visual tokens
   * @param answerTokens tokens decoded after the first
   */
  public static Optional<TimeShares> estimate(
      VisionLanguageModel model, double visualTokens, double promptTokens, double answerTokens) {
    return ModelCost.of(model)
        .map(cost -> estimate(model, cost, visualTokens, promptTokens, answerTokens));
  }

  private static TimeShares estimate(
      VisionLanguageModel model,
      ModelCost cost,
      double visualTokens,
      double promptTokens,
      double answerTokens) {
    PromptEmbeddings prompt = Decoders.prompt(PROBE_TOKENS, model.decoder().hiddenSize());
    Rounds probe =
        Rounds.interleaved(
            ROUNDS, List.of(() -> Decoders.run(model.decoder(), prompt, StageInput::everything)));
    double flopsPerMilli = cost.ofDecoder().prefill(PROBE_TOKENS).grouped() / probe.median(0, 2);
    return new TimeShares(
        visualTokens * cost.encoder().perToken() / flopsPerMilli,
        cost.ofDecoder().prefill(promptTokens).grouped() / flopsPerMilli,
        answerTokens * probe.median(0, 3));
  }

  /** Returns the shares, with a sum of 1. */
  public TimeShares shares() {
    double sum = encoder + prefill + decode;
    return new TimeShares(encoder / sum, prefill / sum, decode / sum);
  }
}
