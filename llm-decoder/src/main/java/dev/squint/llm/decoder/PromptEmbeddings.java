package dev.squint.llm.decoder;

import java.nio.FloatBuffer;

/**
 * A prompt as the decoder takes it: embeddings [S, D], text and visual tokens in order, and where
 * each stands.
 *
 * @param values direct buffer of S * D floats
 * @param positions position ids, [S]
 * @param nextPosition position of the first token that is generated
 */
public record PromptEmbeddings(FloatBuffer values, long[] positions, long nextPosition) {

  /** Checks that there is at least one token and that the numbers fit. */
  public PromptEmbeddings {
    if (positions.length == 0 || values.remaining() % positions.length != 0) {
      throw new IllegalArgumentException(
          "%d embedding values do not divide among %d positions"
              .formatted(values.remaining(), positions.length));
    }
  }

  /** Number of tokens, S. */
  public int tokens() {
    return positions.length;
  }

  /** Size of one embedding, D. */
  public int size() {
    return values.remaining() / positions.length;
  }
}
