package dev.squint.llm.decoder.input;

import dev.squint.pruner.Matrix;
import java.util.function.Supplier;

/**
 * What each layer of some decoders takes for each token in addition to hidden states (per-layer
 * embeddings of Gemma 3n and Gemma 4). It has as many rows as there are tokens, so it loses those
 * of tokens that are dropped.
 *
 * @param given what the token's id gives to all layers, [S, L * P]; [S, 0] for other decoders
 * @param embeddings of the tokens, from which the graph computes the rest, [S, D]; [S, 0] for other
 *     decoders
 */
public record LayerInputs(Matrix given, Matrix embeddings) {

  /** The table's output and the decoder's input of what is given, [B, S, L, P]. */
  public static final String NAME = "per_layer_inputs";

  /** Checks that both are of the same tokens. */
  public LayerInputs {
    if (given.rows() != embeddings.rows()) {
      throw new IllegalArgumentException(
          "inputs of layers for %d tokens came with embeddings of %d"
              .formatted(given.rows(), embeddings.rows()));
    }
  }

  /** Those of decoders that take none. */
  public static LayerInputs none(int tokens) {
    Matrix nothing = new Matrix(tokens, 0, new float[0]);
    return new LayerInputs(nothing, nothing);
  }

  /** The layer inputs of some tokens. */
  public LayerInputs of(int... rows) {
    return new LayerInputs(given.rows(rows), embeddings.rows(rows));
  }

  /** The same for tokens whose embeddings are others, [S, D]. */
  public LayerInputs with(Supplier<Matrix> other) {
    return given.cols() == 0 ? this : new LayerInputs(given, other.get());
  }
}
