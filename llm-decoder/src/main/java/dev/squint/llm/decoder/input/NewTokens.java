package dev.squint.llm.decoder.input;

import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * New tokens of B sequences for one run of a stage, the same number S of each, at positions of
 * their own.
 *
 * @param positions position ids of each sequence, B times [A, S]
 * @param extras extra inputs of some graphs, for each sequence
 */
public record NewTokens(List<PositionIds> positions, List<TokenExtras> extras) {

  public NewTokens {
    positions = List.copyOf(positions);
    extras = List.copyOf(extras);
  }

  /** Tokens of one sequence. */
  public static NewTokens of(PositionIds positions, TokenExtras extras) {
    return new NewTokens(List.of(positions), List.of(extras));
  }

  /**
   * One token of text for each sequence.
   *
   * @param layerInputs of the tokens
   */
  public static NewTokens next(long[] positions, LayerInputs layerInputs) {
    List<PositionIds> own = new ArrayList<>();
    for (long position : positions) {
      own.add(PositionIds.counting(position, 1));
    }
    if (layerInputs.given().cols() == 0) {
      return new NewTokens(own, Collections.nCopies(positions.length, TokenExtras.text(1)));
    }
    List<TokenExtras> extras = new ArrayList<>();
    for (int row = 0; row < positions.length; row++) {
      extras.add(TokenExtras.text(layerInputs.of(row)));
    }
    return new NewTokens(own, extras);
  }

  /** What else tokens of text have, one for each row of the layers' inputs. */
  public static TokenExtras text(LayerInputs layerInputs) {
    return layerInputs.given().cols() == 0
        ? TokenExtras.text(layerInputs.given().rows())
        : TokenExtras.text(layerInputs);
  }

  /** Number of sequences, B. */
  public int rows() {
    return positions.size();
  }

  /** Number of new tokens of each sequence, S. */
  public int tokens() {
    return positions.get(0).tokens();
  }

  /** Position ids for a graph with this number of axes, [axes * B * S]. */
  public long[] positions(int axes) {
    int tokens = tokens();
    long[] all = new long[axes * rows() * tokens];
    for (int row = 0; row < rows(); row++) {
      long[] own = positions.get(row).values(axes);
      for (int axis = 0; axis < axes; axis++) {
        System.arraycopy(own, axis * tokens, all, (axis * rows() + row) * tokens, tokens);
      }
    }
    return all;
  }

  /** 1 for a visual token, 0 for text, [B * S]. */
  public long[] types() {
    return extras.stream().flatMapToLong(row -> LongStream.of(row.types())).toArray();
  }

  /** What is added to the hidden states after a layer, [B * S * D]; zero where nothing is. */
  public FloatBuffer deep(int level, int size) {
    return joined(
        size, row -> level < row.deep().size() ? row.deep().get(level).data() : new float[0]);
  }

  /** What the tokens' ids give to all layers, [B * S * size]; zero where nothing is known. */
  public FloatBuffer ofLayers(int size) {
    return joined(size, row -> row.layerInputs().given().data());
  }

  /** The tokens' embeddings beside their hidden states, [B * S * D]; zero where none is known. */
  public FloatBuffer embeddings(int size) {
    return joined(size, row -> row.layerInputs().embeddings().data());
  }

  /**
   * Which tokens attend to which, [B * S * columns]; zero where the graph decides.
   *
   * @param columns number of keys, cached and new
   */
  public FloatBuffer pairs(int columns) {
    return joined(columns, row -> row.pairs().values(columns));
  }

  private FloatBuffer joined(int size, Function<TokenExtras, float[]> part) {
    FloatBuffer values = DirectBuffers.floats((long) rows() * tokens() * size);
    for (int row = 0; row < rows(); row++) {
      values.put(row * tokens() * size, part.apply(extras.get(row)));
    }
    return values;
  }
}
