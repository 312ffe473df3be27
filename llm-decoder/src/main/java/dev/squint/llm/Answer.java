package dev.squint.llm;

import dev.squint.llm.decoder.StageRun;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;

/**
 * What the model said, and what it took.
 *
 * @param text the answer, without white space before it
 * @param finishReason why it ended
 * @param promptTokens tokens of the prompt, visual ones included
 * @param reusedTokens the first tokens of the prompt, for which the decoder did not run as an
 *     earlier prompt had left their keys and values
 * @param completionTokens tokens of the answer, without the stop token
 * @param kvBytes bytes of the cache tensors held when the answer ended
 * @param timings where the time went
 * @param pruneOperations operations until the first token that choosing and merging tokens took,
 *     with what was computed for it beside the model, {@link dev.squint.pruner.Operations}
 * @param plan which visual tokens were to be looked at
 * @param encoding how much of the pictures the encoder saw
 * @param tiles the tiles of the pictures in the order of the prompt, also those that the plan left
 *     unencoded
 * @param reduction which of the visual tokens of these tiles were kept or merged; tokens of
 *     unencoded tiles, which were never made, count as dropped
 * @param layerReductions what became of these tokens at each point between decoder layers, in order
 * @param prefillRuns the runs of decoder layers on the prompt, in order, with how many tokens each
 *     was given; layers of a decoder that began anew ran twice, and first ones that had looked at
 *     the global views before the crops were encoded
 * @param frameSeconds when the frames are shown that were looked at, for each video of the
 *     conversation in its order; empty for pictures
 * @param notes what a reader of the figures must know, such as evidence that stands in for another
 */
public record Answer(
    String text,
    FinishReason finishReason,
    int promptTokens,
    int reusedTokens,
    int completionTokens,
    long kvBytes,
    Timings timings,
    double pruneOperations,
    PruningPlan plan,
    Encoding encoding,
    List<Tile> tiles,
    TokenReduction reduction,
    List<LayerReduction> layerReductions,
    List<StageRun> prefillRuns,
    List<List<Double>> frameSeconds,
    List<String> notes) {

  public Answer {
    tiles = List.copyOf(tiles);
    layerReductions = List.copyOf(layerReductions);
    prefillRuns = List.copyOf(prefillRuns);
    frameSeconds = List.copyOf(frameSeconds);
    notes = List.copyOf(notes);
  }

  /** Visual tokens that the pictures have if all of their tiles are encoded in full size. */
  public int visualTokens() {
    return encoding.visualTokens();
  }

  /** Visual tokens that the language model saw, in its first layer. */
  public int keptVisualTokens() {
    return reduction.after();
  }

  /** Visual tokens of a run of decoder layers. */
  public int visualTokens(StageRun run) {
    return run.tokens() - (promptTokens - reduction.after());
  }
}
