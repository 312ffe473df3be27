package dev.squint.llm.decoder.prefix;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.StageCache;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run computed for its first sequence: logits, then keys and values of all layers.
 *
 * @param halves whether the cache holds 16-bit floats
 */
record Computed(List<float[]> values, boolean halves) {

  private static final int[] NO_QUERIES = {};

  /**
   * Runs sequences of one length through all stages.
   *
   * @param caches of the same number of sequences; they stay the caller's
   */
  static Computed of(
      List<DecoderStage> stages, StageCaches caches, List<PromptEmbeddings> sequences) {
    NewTokens tokens =
        new NewTokens(
            sequences.stream().map(PromptEmbeddings::positions).toList(),
            sequences.stream().map(PromptEmbeddings::extras).toList());
    List<float[]> values = new ArrayList<>();
    try (OnnxTensor embedded = stages.get(0).hidden(sequences)) {
      OnnxTensor hidden = embedded;
      for (int i = 0; i < stages.size(); i++) {
        OrtSession.Result result = stages.get(i).run(hidden, tokens, NO_QUERIES, caches.get(i));
        hidden = stages.get(i).output(result);
      }
      values.add(Tensors.lastLogits(hidden).get(0));
    }
    boolean halves = false;
    for (StageCache cache : caches.all()) {
      for (OnnxTensor tensor : cache.inputs().values()) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] first = new float[buffer.remaining() / sequences.size()];
        buffer.get(first);
        values.add(first);
        halves |= tensor.getInfo().type == OnnxJavaType.FLOAT16;
      }
    }
    return new Computed(values, halves);
  }

  /** How far two runs are apart in the tensor that differs most; see {@link #difference}. */
  double largestDifference(Computed other) {
    double largest = 0;
    for (int i = 0; i < values.size(); i++) {
      double squares = difference(values.get(i), other.values.get(i));
      largest = Math.max(largest, squares);
    }
    return Math.sqrt(largest);
  }

  /**
   * How far two runs are apart, by the length of the first: the root mean square over all tensors.
   * Not a number if a value is not a number.
   */
  double difference(Computed other) {
    double sum = 0;
    for (int i = 0; i < values.size(); i++) {
      sum += difference(values.get(i), other.values.get(i));
    }
    return Math.sqrt(sum / values.size());
  }

  /** The square of the difference of a tensor, by the square of its length. */
  private static double difference(float[] some, float[] others) {
    double length = 0;
    double apart = 0;
    for (int i = 0; i < some.length; i++) {
      length += (double) some[i] * some[i];
      apart += Math.pow(some[i] - others[i], 2);
    }
    return apart == 0 ? 0 : apart / length;
  }
}
