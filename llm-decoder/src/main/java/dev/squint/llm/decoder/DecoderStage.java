package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A run of decoder layers as one graph. Immutable and thread-safe; the caches are the caller's. */
final class DecoderStage implements AutoCloseable {

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final StageSignature signature;

  DecoderStage(OrtEnvironment environment, OrtSession session) throws OrtException {
    this.environment = environment;
    this.session = session;
    this.signature = StageSignature.read(session.getInputInfo(), session.getOutputInfo());
  }

  StageSignature signature() {
    return signature;
  }

  StageCache emptyCache() throws OrtException {
    Map<String, OnnxTensor> past = new LinkedHashMap<>();
    for (CacheSlot slot : signature.cache()) {
      long[] shape = slot.emptyShape().stream().mapToLong(Long::longValue).toArray();
      long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      ByteBuffer zeros =
          ByteBuffer.allocateDirect(Math.toIntExact(elements * slot.type().size))
              .order(ByteOrder.nativeOrder());
      past.put(slot.past(), OnnxTensor.createTensor(environment, zeros, shape, slot.type()));
    }
    return new StageCache(signature, past);
  }

  /**
   * Runs the layers on new tokens and puts their keys and values into the cache.
   *
   * @param hidden embeddings or hidden states, [1, S, D]
   * @param positions position ids, [S]
   * @return logits [1, S or 1, V] or hidden states [1, S, D]; lives until the next step
   */
  OnnxTensor run(OnnxTensor hidden, long[] positions, StageCache cache) throws OrtException {
    int tokens = positions.length;
    long[] mask = new long[cache.length() + tokens];
    Arrays.fill(mask, 1);
    Map<String, OnnxTensor> inputs = new HashMap<>(cache.inputs());
    inputs.put(signature.hidden(), hidden);
    try (Feed feed = new Feed()) {
      inputs.put(signature.attentionMask(), feed.longs(mask, 1, mask.length));
      if (signature.positionIds() != null) {
        inputs.put(signature.positionIds(), feed.longs(positions, 1, tokens));
      }
      if (signature.logitsToKeep() != null) {
        inputs.put(signature.logitsToKeep(), feed.longs(new long[] {1}));
      }
      if (signature.useCacheBranch() != null) {
        inputs.put(signature.useCacheBranch(), feed.flag(cache.length() > 0));
      }
      OrtSession.Result result = session.run(inputs);
      cache.advance(result, tokens);
      return (OnnxTensor) result.get(signature.output()).orElseThrow();
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("cannot close a decoder stage: " + e.getMessage(), e);
    }
  }

  /** The small inputs of one step, freed together. */
  private final class Feed implements AutoCloseable {

    private final List<OnnxTensor> tensors = new ArrayList<>();

    OnnxTensor longs(long[] values, long... shape) throws OrtException {
      return keep(OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
    }

    OnnxTensor flag(boolean value) throws OrtException {
      return keep(OnnxTensor.createTensor(environment, new boolean[] {value}));
    }

    private OnnxTensor keep(OnnxTensor tensor) {
      tensors.add(tensor);
      return tensor;
    }

    @Override
    public void close() {
      tensors.forEach(OnnxTensor::close);
    }
  }
}
