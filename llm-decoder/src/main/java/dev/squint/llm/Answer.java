package dev.squint.llm;

import dev.squint.llm.decoder.session.Drafts;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;

/**
 * The text that the model generated, with its counts, times and reductions.
 *
 * @param text the answer, without white space before it
 * @param finishReason why it ended
 * @param counts tokens and bytes
 * @param timings where the time went
 * @param pruning what the plan did to the visual tokens
 * @param frameSeconds when the frames are shown that the model was given, for each video of the
 *     conversation in its order; empty for pictures
 * @param notes remarks on the figures, such as evidence that replaces missing evidence
 */
public record Answer(
    String text,
    FinishReason finishReason,
    Counts counts,
    Timings timings,
    Pruning pruning,
    List<List<Double>> frameSeconds,
    List<String> notes) {

  /**
   * Tokens and bytes of an answer.
   *
   * @param promptTokens tokens of the prompt, visual ones included
   * @param reusedTokens the first tokens of the prompt, for which the decoder did not run as an
   *     earlier prompt had left their keys and values
   * @param completionTokens tokens of the answer, without the stop token
   * @param drafts tokens of the answer that were guessed (prompt lookup decoding)
   * @param kvBytes bytes of the cache tensors held when the answer ended
   */
  public record Counts(
      int promptTokens, int reusedTokens, int completionTokens, Drafts drafts, long kvBytes) {}

  /**
   * What a plan did to the visual tokens.
   *
   * @param plan the plan
   * @param operations operations until the first token that choosing and merging tokens took, with
   *     what was computed for it beside the model, {@link dev.squint.pruner.Operations}
   * @param encoding how much of the pictures the encoder saw
   * @param encoderWork what the encoder ran on
   * @param tiles the tiles of the pictures in the order of the prompt, also those that the plan
   *     left unencoded
   * @param reduction which of the visual tokens of these tiles were kept or merged; tokens of
   *     unencoded tiles, which were never made, count as dropped
   * @param layerReductions reductions of these tokens at each point between decoder layers, in
   *     order
   * @param prefillRuns the runs of decoder layers on the prompt, in order, with how many tokens
   *     each was given; layers of a decoder that restarted ran twice, and first ones that had
   *     attended to the global views before the crops were encoded
   */
  public record Pruning(
      PruningPlan plan,
      double operations,
      Encoding encoding,
      EncoderWork encoderWork,
      List<Tile> tiles,
      TokenReduction reduction,
      List<LayerReduction> layerReductions,
      List<StageRun> prefillRuns) {

    /** Copies the lists. */
    public Pruning {
      tiles = List.copyOf(tiles);
      layerReductions = List.copyOf(layerReductions);
      prefillRuns = List.copyOf(prefillRuns);
    }
  }

  /** Copies the lists. */
  public Answer {
    frameSeconds = List.copyOf(frameSeconds);
    notes = List.copyOf(notes);
  }

  /** Tokens of the prompt, visual ones included. */
  public int promptTokens() {
    return counts.promptTokens();
  }

  /** The first tokens of the prompt, whose keys and values an earlier prompt had left. */
  public int reusedTokens() {
    return counts.reusedTokens();
  }

  /** Tokens of the answer, without the stop token. */
  public int completionTokens() {
    return counts.completionTokens();
  }

  /** Bytes of the cache tensors held when the answer ended. */
  public long kvBytes() {
    return counts.kvBytes();
  }

  /** The plan that was followed. */
  public PruningPlan plan() {
    return pruning.plan();
  }

  /** Operations of choosing and merging tokens, {@link dev.squint.pruner.Operations}. */
  public double pruneOperations() {
    return pruning.operations();
  }

  /** How much of the pictures the encoder saw. */
  public Encoding encoding() {
    return pruning.encoding();
  }

  /** What the encoder ran on. */
  public EncoderWork encoderWork() {
    return pruning.encoderWork();
  }

  /** The tiles of the pictures in the order of the prompt. */
  public List<Tile> tiles() {
    return pruning.tiles();
  }

  /** Which of the visual tokens of all tiles were kept or merged. */
  public TokenReduction reduction() {
    return pruning.reduction();
  }

  /** Reductions at each point between decoder layers, in order. */
  public List<LayerReduction> layerReductions() {
    return pruning.layerReductions();
  }

  /** The runs of decoder layers on the prompt, in order. */
  public List<StageRun> prefillRuns() {
    return pruning.prefillRuns();
  }

  /** Visual tokens that the pictures have if all of their tiles are encoded in full size. */
  public int visualTokens() {
    return encoding().visualTokens();
  }

  /** Visual tokens that the language model saw, in its first layer. */
  public int keptVisualTokens() {
    return reduction().after();
  }

  /** Visual tokens of a run of decoder layers. */
  public int visualTokens(StageRun run) {
    return run.tokens() - (promptTokens() - reduction().after());
  }
}
