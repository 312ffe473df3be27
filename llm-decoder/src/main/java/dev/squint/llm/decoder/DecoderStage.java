package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.OnnxSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A run of decoder layers as one graph. Immutable and thread-safe; the caches are the caller's. */
final class DecoderStage implements AutoCloseable {

  private final OnnxSession graph;
  private final StageSignature signature;
  private final Set<String> outputs = new LinkedHashSet<>();

  DecoderStage(OnnxSession graph) {
    this.graph = graph;
    this.signature = StageSignature.read(graph);
    outputs.add(signature.output());
    signature.cache().forEach(slot -> outputs.add(slot.present()));
  }

  StageSignature signature() {
    return signature;
  }

  StageCache emptyCache() {
    Map<String, OnnxTensor> past = new LinkedHashMap<>();
    for (CacheSlot slot : signature.cache()) {
      long[] shape = slot.emptyShape().stream().mapToLong(Long::longValue).toArray();
      long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      ByteBuffer zeros =
          ByteBuffer.allocateDirect(Math.toIntExact(elements * slot.type().size))
              .order(ByteOrder.nativeOrder());
      past.put(slot.past(), tensor(zeros, slot.type(), shape));
    }
    return new StageCache(signature, past);
  }

  /** The embeddings of a prompt as this stage's input, [1, S, D]; the caller closes it. */
  OnnxTensor hidden(PromptEmbeddings prompt) {
    return graph.floats(
        signature.hidden(), prompt.values().duplicate(), 1, prompt.tokens(), prompt.size());
  }

  /**
   * Runs the layers on new tokens and puts their keys and values into the cache.
   *
   * @param hidden embeddings or hidden states, [1, S, D]
   * @param positions position ids, [S]
   * @return logits [1, S or 1, V] or hidden states [1, S, D]; lives until the next step
   */
  OnnxTensor run(OnnxTensor hidden, long[] positions, StageCache cache) {
    int tokens = positions.length;
    int length = cache.length() + tokens;
    Map<String, OnnxTensor> inputs = new HashMap<>(cache.inputs());
    inputs.put(signature.hidden(), hidden);
    List<OnnxTensor> own = new ArrayList<>();
    try {
      own.add(
          put(inputs, signature.attentionMask(), graph.ones(signature.attentionMask(), 1, length)));
      if (signature.positionIds() != null) {
        own.add(
            put(
                inputs,
                signature.positionIds(),
                graph.longs(signature.positionIds(), positions, 1, tokens)));
      }
      if (signature.logitsToKeep() != null) {
        own.add(
            put(
                inputs,
                signature.logitsToKeep(),
                graph.longs(signature.logitsToKeep(), new long[] {1})));
      }
      if (signature.useCacheBranch() != null) {
        ByteBuffer flag = ByteBuffer.allocateDirect(1).put(0, (byte) (cache.length() > 0 ? 1 : 0));
        own.add(put(inputs, signature.useCacheBranch(), tensor(flag, OnnxJavaType.BOOL, 1)));
      }
      OrtSession.Result result = graph.run(inputs, outputs);
      cache.advance(result, tokens);
      return (OnnxTensor) result.get(signature.output()).orElseThrow();
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor put(Map<String, OnnxTensor> inputs, String name, OnnxTensor tensor) {
    inputs.put(name, tensor);
    return tensor;
  }

  private static OnnxTensor tensor(ByteBuffer values, OnnxJavaType type, long... shape) {
    try {
      return OnnxTensor.createTensor(OnnxRuntime.environment(), values, shape, type);
    } catch (OrtException e) {
      throw new IllegalStateException("cannot make a tensor: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    graph.close();
  }
}
