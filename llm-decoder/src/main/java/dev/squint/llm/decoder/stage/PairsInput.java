package dev.squint.llm.decoder.stage;

import ai.onnxruntime.OnnxTensor;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.vision.onnx.OnnxSession;
import java.util.List;
import java.util.Map;

/** The input of a stage that decides which tokens attend to which. */
final class PairsInput {

  private PairsInput() {}

  /**
   * Adds the input if the graph takes it.
   *
   * @param columns number of keys, cached and new
   * @param own tensors to be closed after the run
   */
  static void add(
      OnnxSession graph,
      StageSignature signature,
      NewTokens tokens,
      int columns,
      Map<String, OnnxTensor> inputs,
      List<OnnxTensor> own) {
    String name = signature.switches().pairs();
    if (name != null) {
      OnnxTensor pairs =
          graph.floats(name, tokens.pairs(columns), tokens.rows(), 1, tokens.tokens(), columns);
      inputs.put(name, pairs);
      own.add(pairs);
    }
  }
}
