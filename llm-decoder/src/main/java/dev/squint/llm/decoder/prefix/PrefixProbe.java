package dev.squint.llm.decoder.prefix;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.llm.decoder.session.DensePrefill;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * Tests whether a decoder gives the same result for a prompt in two parts as for the whole. It does
 * not where a token attends to later ones (bidirectional attention on pictures or prompts), where
 * states replace keys and values, where one scale is computed for all tokens (dynamic
 * quantization), or where the graph takes only one token with a cache.
 */
final class PrefixProbe {

  private static final int TOKENS = 16;
  private static final int FIRST_PART = 9;
  private static final int FIRST_VISUAL = 5;
  private static final int END_OF_VISUAL = 12;
  private static final int WORDS = 32;

  /** Rounding leaves 1e-6 in floats; one hidden token more or less changes 1e-2 and up. */
  private static final double SAME = 1e-4;

  private static final double SAME_IN_HALVES = 1e-2;

  private PrefixProbe() {}

  /** Runs a prompt of 16 random embeddings, whole and in two parts, and compares. */
  static boolean worksInParts(TextEmbeddings embeddings, List<DecoderStage> stages) {
    if (!stages.stream()
        .flatMap(stage -> stage.signature().cache().stream())
        .allMatch(CacheSlot::growsByRows)) {
      return false;
    }
    PromptEmbeddings prompt = prompt(embeddings, stages.get(0).signature().hiddenSize());
    try (Prefilled whole = run(stages, prompt, StageCaches.empty(stages));
        Prefilled first = run(stages, prompt.of(0, FIRST_PART), StageCaches.empty(stages));
        Prefilled both = run(stages, prompt.of(FIRST_PART, TOKENS), first.caches())) {
      return areSame(whole, both);
    } catch (IllegalStateException | IllegalArgumentException refused) {
      // For example a graph that takes one token with a cache, not several.
      return false;
    }
  }

  private static Prefilled run(
      List<DecoderStage> stages, PromptEmbeddings prompt, StageCaches caches) {
    return DensePrefill.plain(stages).run(prompt, caches);
  }

  private static boolean areSame(Prefilled whole, Prefilled parts) {
    List<OnnxTensor> some = tensors(whole);
    List<OnnxTensor> others = tensors(parts);
    boolean halves = some.stream().anyMatch(rows -> rows.getInfo().type == OnnxJavaType.FLOAT16);
    double bound = halves ? SAME_IN_HALVES : SAME;
    boolean same =
        difference(FloatBuffer.wrap(whole.logits()), FloatBuffer.wrap(parts.logits())) <= bound;
    for (int i = 0; i < some.size() && same; i++) {
      same = difference(some.get(i).getFloatBuffer(), others.get(i).getFloatBuffer()) <= bound;
    }
    return same;
  }

  private static List<OnnxTensor> tensors(Prefilled prefilled) {
    return prefilled.caches().all().stream()
        .flatMap(cache -> cache.inputs().values().stream())
        .toList();
  }

  /** How far two tensors are apart, by the length of the first; not a number counts as far. */
  private static double difference(FloatBuffer some, FloatBuffer others) {
    double length = 0;
    double apart = 0;
    while (some.hasRemaining()) {
      float value = some.get();
      length += (double) value * value;
      apart += Math.pow(value - others.get(), 2);
    }
    return apart == 0 ? 0 : Math.sqrt(apart / length);
  }

  /** Embeddings as large as those of words, a picture in their middle. */
  private static PromptEmbeddings prompt(TextEmbeddings embeddings, int size) {
    FloatBuffer words = embeddings.of(LongStream.range(0, WORDS).toArray());
    double squares = 0;
    int count = words.remaining();
    while (words.hasRemaining()) {
      squares += Math.pow(words.get(), 2);
    }
    double scale = squares == 0 ? 1 : Math.sqrt(squares / count);
    Random random = new Random(1);
    FloatBuffer values = DirectBuffers.floats((long) TOKENS * size);
    while (values.hasRemaining()) {
      values.put((float) (scale * random.nextGaussian()));
    }
    long[] types = new long[TOKENS];
    Arrays.fill(types, FIRST_VISUAL, END_OF_VISUAL, 1);
    return new PromptEmbeddings(
        values.rewind(),
        PositionIds.counting(0, TOKENS),
        TOKENS,
        new TokenExtras(types, List.of()));
  }
}
