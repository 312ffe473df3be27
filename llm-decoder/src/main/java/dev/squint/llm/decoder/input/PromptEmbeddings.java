package dev.squint.llm.decoder.input;

import dev.squint.pruner.Matrix;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * A prompt as input of the decoder: embeddings [S, D] of text and visual tokens in order, and their
 * positions.
 *
 * @param values direct buffer of S * D floats
 * @param positions position ids, [A, S]
 * @param nextPosition position of the first token that is generated
 * @param extras extra inputs of some decoders, for each token
 */
public record PromptEmbeddings(
    FloatBuffer values, PositionIds positions, long nextPosition, TokenExtras extras) {

  /** Checks that the numbers fit. */
  public PromptEmbeddings {
    if (values.remaining() % positions.tokens() != 0) {
      throw new IllegalArgumentException(
          "%d embedding values do not divide among %d positions"
              .formatted(values.remaining(), positions.tokens()));
    }
    if (extras.tokens() != positions.tokens()) {
      throw new IllegalArgumentException(
          "%d positions came with the types of %d tokens"
              .formatted(positions.tokens(), extras.tokens()));
    }
  }

  /** A prompt of text, without extra inputs. */
  public PromptEmbeddings(FloatBuffer values, PositionIds positions, long nextPosition) {
    this(values, positions, nextPosition, TokenExtras.text(positions.tokens()));
  }

  /** The same with other extra inputs. */
  public PromptEmbeddings with(TokenExtras other) {
    return new PromptEmbeddings(values, positions, nextPosition, other);
  }

  /** Number of tokens, S. */
  public int tokens() {
    return positions.tokens();
  }

  /** Size of one embedding, D. */
  public int size() {
    return values.remaining() / positions.tokens();
  }

  /** Some tokens in a row, [end - start, D]; the next position is that of the whole prompt. */
  public PromptEmbeddings of(int start, int end) {
    int[] rows = IntStream.range(start, end).toArray();
    return new PromptEmbeddings(
        values.slice(values.position() + start * size(), rows.length * size()),
        positions.of(rows),
        nextPosition,
        extras.of(rows));
  }

  /** The embeddings of some tokens in a row, [end - start, D]. */
  public Matrix rows(int start, int end) {
    float[] some = new float[(end - start) * size()];
    values.get(values.position() + start * size(), some);
    return new Matrix(end - start, size(), some);
  }
}
