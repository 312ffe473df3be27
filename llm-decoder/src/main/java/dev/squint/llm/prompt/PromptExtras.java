package dev.squint.llm.prompt;

import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.evidence.DeepFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Finds what a decoder takes for each token of a prompt beside its embedding. */
final class PromptExtras {

  private PromptExtras() {}

  /**
   * What the decoder takes beside the embeddings of a prompt.
   *
   * @param layerInputs what each layer takes by itself
   */
  static TokenExtras of(Prompt prompt, PatchTokens tokens, LayerInputs layerInputs) {
    int length = prompt.ids().length;
    long[] types = new long[length];
    IntStream.of(prompt.visual()).forEach(row -> types[row] = 1);
    List<Matrix> deep = new ArrayList<>();
    for (int level = 0; has(tokens, level); level++) {
      Matrix features = tokens.evidence(new DeepFeatures(level));
      int size = features.cols();
      float[] values = new float[length * size];
      for (int i = 0; i < prompt.visual().length; i++) {
        System.arraycopy(features.data(), i * size, values, prompt.visual()[i] * size, size);
      }
      deep.add(new Matrix(length, size, values));
    }
    return new TokenExtras(types, deep, layerInputs);
  }

  private static boolean has(PatchTokens tokens, int level) {
    return tokens.evidenceKinds().contains(new DeepFeatures(level));
  }
}
