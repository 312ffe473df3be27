package dev.squint.llm.decoder.stage;

import ai.onnxruntime.OnnxTensor;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.TensorSpec;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/** Fills the inputs of a stage that have a value for each new token, except the hidden states. */
record TokenTensors(OnnxSession graph, StageSignature signature) {

  /**
   * Adds the inputs that the graph takes.
   *
   * @param own tensors to be closed after the run
   */
  void add(NewTokens tokens, Map<String, OnnxTensor> inputs, List<OnnxTensor> own) {
    String positions = signature.tokens().positionIds();
    if (positions != null) {
      own.add(put(inputs, positions, positionIds(positions, tokens)));
    }
    String types = signature.tokens().types();
    if (types != null) {
      own.add(
          put(inputs, types, graph.longs(types, tokens.types(), tokens.rows(), tokens.tokens())));
    }
    int size = signature.hiddenSize();
    for (String input : signature.tokens().deep()) {
      FloatBuffer added = tokens.deep(StageSignature.deepLevel(input), size);
      own.add(put(inputs, input, graph.floats(input, added, tokens.rows(), tokens.tokens(), size)));
    }
    addOfLayers(tokens, inputs, own);
  }

  /** What each layer takes for each new token. */
  private void addOfLayers(NewTokens tokens, Map<String, OnnxTensor> inputs, List<OnnxTensor> own) {
    String given = signature.tokens().ofLayers().given();
    if (given != null) {
      own.add(put(inputs, given, ofTokens(given, tokens, tokens::ofLayers)));
    }
    String embeddings = signature.tokens().ofLayers().embeddings();
    if (embeddings != null) {
      own.add(put(inputs, embeddings, ofTokens(embeddings, tokens, tokens::embeddings)));
    }
  }

  /** An input [B, S, ...] whose other sizes the graph fixes. */
  private OnnxTensor ofTokens(String input, NewTokens tokens, IntFunction<FloatBuffer> values) {
    TensorSpec taken = Objects.requireNonNull(graph.inputs().get(input));
    long[] shape = taken.axes().stream().mapToLong(TensorSpec.Axis::size).toArray();
    long size = LongStream.of(shape).skip(2).reduce(1, Math::multiplyExact);
    shape[0] = tokens.rows();
    shape[1] = tokens.tokens();
    return graph.floats(input, values.apply(Math.toIntExact(size)), shape);
  }

  private OnnxTensor positionIds(String input, NewTokens tokens) {
    int axes = signature.positionAxes();
    long[] values = tokens.positions(axes);
    return axes == 1
        ? graph.longs(input, values, tokens.rows(), tokens.tokens())
        : graph.longs(input, values, axes, tokens.rows(), tokens.tokens());
  }

  private static OnnxTensor put(Map<String, OnnxTensor> inputs, String name, OnnxTensor tensor) {
    inputs.put(name, tensor);
    return tensor;
  }
}
