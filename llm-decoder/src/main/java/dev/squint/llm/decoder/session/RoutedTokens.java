package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.pruner.Matrix;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The tokens of a prompt that are left before a routed layer.
 *
 * @param hidden hidden states, [S, D]
 * @param visual which of them are visual ones, ascending, [N]
 * @param tokens indices in the prompt, ascending, [S]
 * @param positions of the tokens
 * @param extras further inputs of the tokens
 */
record RoutedTokens(
    Matrix hidden, int[] visual, int[] tokens, PositionIds positions, TokenExtras extras) {

  /** All tokens of a prompt. */
  static RoutedTokens of(PromptEmbeddings prompt, int[] visual) {
    return new RoutedTokens(
        prompt.rows(0, prompt.tokens()),
        visual,
        IntStream.range(0, prompt.tokens()).toArray(),
        prompt.positions(),
        prompt.extras());
  }

  /** The same tokens with other hidden states. */
  RoutedTokens with(Matrix other) {
    return new RoutedTokens(other, visual, tokens, positions, extras);
  }

  /** Indices in the prompt of some of the tokens. */
  int[] of(int[] rows) {
    return IntStream.of(rows).map(row -> tokens[row]).toArray();
  }

  /** Positions and further inputs of some of the tokens. */
  NewTokens at(PositionIds places, int[] rows) {
    return NewTokens.of(places, extras.of(rows));
  }

  /** What a step between layers leaves. */
  RoutedTokens next(StageInput input) {
    int[] rows = input.rows();
    Matrix left = rows.length == tokens.length ? hidden : hidden.rows(rows);
    StageInput.Changed changed = input.changed();
    return new RoutedTokens(
        changed == null ? left : changed(left, changed),
        IntStream.range(0, rows.length)
            .filter(place -> Arrays.binarySearch(visual, rows[place]) >= 0)
            .toArray(),
        of(rows),
        input.positions(),
        extras.of(rows));
  }

  private static Matrix changed(Matrix hidden, StageInput.Changed changed) {
    float[] values = hidden.data().clone();
    int[] indices = changed.indices();
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(
          changed.hidden().row(i), 0, values, indices[i] * hidden.cols(), hidden.cols());
    }
    return new Matrix(hidden.rows(), hidden.cols(), values);
  }
}
