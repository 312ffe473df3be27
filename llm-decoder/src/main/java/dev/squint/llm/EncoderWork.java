package dev.squint.llm;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.evidence.EncoderLayerTokens;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the encoder ran on, for an answer or an earlier one.
 *
 * @param tiles tiles that ran through what comes before the layers; a tile counts each time
 * @param tokens for each layer the visual tokens whose patches it ran on; one number if all layers
 *     ran on the same
 * @param pairs the same with the square of each tile's number, since patches attend to those of
 *     their tile
 */
public record EncoderWork(int tiles, List<Double> tokens, List<Double> pairs) {

  /** Shows an encoder's {@link #of work} under a plan that acts inside it. */
  static final Evidence<Matrix> INSIDE = new EncoderLayerTokens();

  static final EncoderWork NONE = new EncoderWork(0, List.of(0.0), List.of(0.0));

  /** Copies the lists. */
  public EncoderWork {
    tokens = List.copyOf(tokens);
    pairs = List.copyOf(pairs);
    if (tokens.isEmpty() || tokens.size() != pairs.size()) {
      throw new IllegalArgumentException(
          "tokens and pairs must have one number, or one for each layer, but have %d and %d"
              .formatted(tokens.size(), pairs.size()));
    }
  }

  /** The work of one run that gave these tokens. */
  static EncoderWork of(PatchTokens encoded) {
    int tiles = encoded.tiles().size();
    double[][] ofTiles = new double[tiles][];
    for (int tile = 0; tile < tiles; tile++) {
      ofTiles[tile] =
          encoded.evidenceKinds().contains(INSIDE)
              ? doubles(encoded.evidence(INSIDE).row(tile))
              : new double[] {encoded.ofTile(tile).length};
    }
    int layers = tiles == 0 ? 1 : ofTiles[0].length;
    List<Double> tokens = new ArrayList<>();
    List<Double> pairs = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      double sum = 0;
      double squares = 0;
      for (double[] tile : ofTiles) {
        sum += tile[layer];
        squares += tile[layer] * tile[layer];
      }
      tokens.add(sum);
      pairs.add(squares);
    }
    return new EncoderWork(tiles, tokens, pairs);
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** Both together. */
  EncoderWork plus(EncoderWork other) {
    return new EncoderWork(tiles + other.tiles, sum(tokens, other.tokens), sum(pairs, other.pairs));
  }

  private static List<Double> sum(List<Double> one, List<Double> other) {
    int layers = Math.max(one.size(), other.size());
    List<Double> all = layers == one.size() ? one : Collections.nCopies(layers, one.get(0));
    List<Double> more = layers == other.size() ? other : Collections.nCopies(layers, other.get(0));
    return IntStream.range(0, layers).mapToObj(i -> all.get(i) + more.get(i)).toList();
  }
}
