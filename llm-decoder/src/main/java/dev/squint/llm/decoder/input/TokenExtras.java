package dev.squint.llm.decoder.input;

import dev.squint.pruner.Matrix;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Extra inputs of some decoders for each token, in addition to embedding and position.
 *
 * @param types 1 for a visual token, 0 for text, [S] (Gemma 3's {@code token_type_ids})
 * @param deep what is added to the hidden states after the first layers, zero for text, [S, D] each
 *     (DeepStack, arXiv 2406.04334)
 * @param layerInputs what each layer takes by itself
 * @param pairs which of them attend to which
 */
public record TokenExtras(
    long[] types, List<Matrix> deep, LayerInputs layerInputs, TokenPairs pairs) {

  public TokenExtras {
    types = types.clone();
    deep = List.copyOf(deep);
  }

  /** Of which the graph decides which attend to which. */
  public TokenExtras(long[] types, List<Matrix> deep, LayerInputs layerInputs) {
    this(types, deep, layerInputs, TokenPairs.none(types.length));
  }

  /** Without inputs of layers. */
  public TokenExtras(long[] types, List<Matrix> deep) {
    this(types, deep, LayerInputs.none(types.length));
  }

  /** Tokens of text. */
  public static TokenExtras text(int tokens) {
    return new TokenExtras(new long[tokens], List.of());
  }

  /** Tokens of text for a decoder whose layers take inputs of their own. */
  public static TokenExtras text(LayerInputs layerInputs) {
    return new TokenExtras(new long[layerInputs.given().rows()], List.of(), layerInputs);
  }

  /** The same for tokens whose embeddings are others, [S, D]. */
  public TokenExtras with(Supplier<Matrix> embeddings) {
    return new TokenExtras(types, deep, layerInputs.with(embeddings), pairs);
  }

  /** The same where a plan decides which tokens attend to which. */
  public TokenExtras with(TokenPairs other) {
    return new TokenExtras(types, deep, layerInputs, other);
  }

  /** 1 for a visual token, 0 for text, [S]. */
  @Override
  public long[] types() {
    return types.clone();
  }

  /** Number of tokens, S. */
  public int tokens() {
    return types.length;
  }

  /** The extras of some tokens. */
  public TokenExtras of(int[] rows) {
    return new TokenExtras(
        IntStream.of(rows).mapToLong(row -> types[row]).toArray(),
        deep.stream().map(level -> level.rows(rows)).toList(),
        layerInputs.of(rows),
        pairs.of(rows));
  }
}
