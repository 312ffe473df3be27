package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The cache of one stage in one answer. The tensors that a step gave are the inputs of the next, as
 * they are: nothing is copied. A step's tensors are freed as soon as the next step's are there.
 */
final class StageCache implements AutoCloseable {

  private final StageSignature signature;
  private final List<Runnable> owners = new ArrayList<>();
  private Map<String, OnnxTensor> past;
  private int length;

  /**
   * Takes over the tensors of an empty cache.
   *
   * @param past by name of the input
   */
  StageCache(StageSignature signature, Map<String, OnnxTensor> past) {
    this.signature = signature;
    this.past = past;
    past.values().forEach(tensor -> owners.add(tensor::close));
  }

  /** The cache as inputs of the next step. */
  Map<String, OnnxTensor> inputs() {
    return past;
  }

  /** Tokens that the layers of this stage hold. */
  int length() {
    return length;
  }

  /** Takes over the result of a step of so many tokens and frees the one before. */
  void advance(OrtSession.Result result, int tokens) {
    Map<String, OnnxTensor> present = new LinkedHashMap<>();
    for (CacheSlot slot : signature.cache()) {
      OnnxValue value = result.get(slot.present()).orElseThrow();
      present.put(slot.past(), (OnnxTensor) value);
    }
    free();
    owners.add(result::close);
    past = present;
    length += tokens;
  }

  /** Bytes of the tensors that are held. */
  long bytes() {
    long bytes = 0;
    for (OnnxTensor tensor : past.values()) {
      TensorInfo info = tensor.getInfo();
      bytes += info.getNumElements() * info.type.size;
    }
    return bytes;
  }

  private void free() {
    owners.forEach(Runnable::run);
    owners.clear();
  }

  @Override
  public void close() {
    free();
    past = Map.of();
    length = 0;
  }
}
