package dev.squint.llm;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/**
 * What the model said, and what it took.
 *
 * @param text the answer, without white space before it
 * @param finishReason why it ended
 * @param promptTokens tokens of the prompt, visual ones included
 * @param completionTokens tokens of the answer, without the stop token
 * @param kvBytes bytes of the cache tensors held when the answer ended
 * @param timings where the time went
 * @param tiles what the encoder saw, in the order of the prompt
 * @param reduction which of the visual tokens of these tiles were kept or merged
 * @param notes what a reader of the figures must know, such as evidence that stands in for another
 */
public record Answer(
    String text,
    FinishReason finishReason,
    int promptTokens,
    int completionTokens,
    long kvBytes,
    Timings timings,
    List<Tile> tiles,
    TokenReduction reduction,
    List<String> notes) {

  public Answer {
    tiles = List.copyOf(tiles);
    notes = List.copyOf(notes);
  }

  /** Visual tokens that the encoder gave. */
  public int visualTokens() {
    return reduction.before();
  }

  /** Visual tokens that the language model saw. */
  public int keptVisualTokens() {
    return reduction.after();
  }
}
