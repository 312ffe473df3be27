package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * Random prompts to try a decoder with: embeddings as large as those of words, a picture in their
 * middle.
 *
 * @param scale of the embeddings
 * @param size of an embedding, D
 */
public record ProbePrompts(double scale, int size) {

  private static final int FIRST_VISUAL = 5;
  private static final int END_OF_VISUAL = 12;
  private static final int WORDS = 32;

  /** Prompts for a decoder. */
  public static ProbePrompts of(TextEmbeddings embeddings, List<DecoderStage> stages) {
    return new ProbePrompts(scale(embeddings), stages.get(0).signature().hiddenSize());
  }

  /** Root mean square of the embeddings of some words. */
  private static double scale(TextEmbeddings embeddings) {
    FloatBuffer words = embeddings.of(LongStream.range(0, WORDS).toArray());
    double squares = 0;
    int count = words.remaining();
    while (words.hasRemaining()) {
      squares += Math.pow(words.get(), 2);
    }
    return squares == 0 ? 1 : Math.sqrt(squares / count);
  }

  /** The prompt of this number, the same every time, [tokens, D]. */
  public PromptEmbeddings prompt(int number, int tokens) {
    Random random = new Random(number + 1L);
    FloatBuffer values = DirectBuffers.floats((long) tokens * size);
    while (values.hasRemaining()) {
      values.put((float) (scale * random.nextGaussian()));
    }
    long[] types = new long[tokens];
    Arrays.fill(types, Math.min(FIRST_VISUAL, tokens), Math.min(END_OF_VISUAL, tokens), 1);
    return new PromptEmbeddings(
        values.rewind(),
        PositionIds.counting(0, tokens),
        tokens,
        new TokenExtras(types, List.of()));
  }
}
