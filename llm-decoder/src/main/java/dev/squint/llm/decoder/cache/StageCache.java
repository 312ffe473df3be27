package dev.squint.llm.decoder.cache;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.squint.llm.decoder.input.Tensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Keys and values that one stage holds for the B sequences that decode together. The tensors that a
 * step gave are the inputs of the next, unchanged: nothing is copied. A step's tensors are freed as
 * soon as the next step's are there.
 *
 * <p>What replaces or reads rows of a layer (cache policies, prefixes) works on one sequence.
 */
public final class StageCache implements AutoCloseable {

  private final List<CacheSlot> slots;
  private final List<Runnable> owners = new ArrayList<>();
  private final Map<Integer, StoredLayer> stored = new LinkedHashMap<>();
  private Map<String, OnnxTensor> past;
  private final int[] lengths;

  /**
   * Takes ownership of the tensors of one sequence.
   *
   * @param slots the cache tensors of the stage
   * @param past by name of the input
   * @param length tokens that they hold
   */
  public StageCache(List<CacheSlot> slots, Map<String, OnnxTensor> past, int length) {
    this.slots = slots;
    this.past = past;
    this.lengths = new int[] {length};
    past.values().forEach(tensor -> owners.add(tensor::close));
  }

  /** The cache as inputs of the next step. */
  public Map<String, OnnxTensor> inputs() {
    if (stored.isEmpty()) {
      return past;
    }
    // Read back for this step; freed with its result.
    Map<String, OnnxTensor> read = new LinkedHashMap<>();
    stored.forEach((layer, form) -> put(layer, form.read(), read));
    read.values().forEach(tensor -> owners.add(tensor::close));
    return read;
  }

  /** Number of tokens that each layer holds for a sequence. */
  public int length(int row) {
    return lengths[row];
  }

  /** Columns of the tensors: the tokens of the longest sequence. */
  public int columns() {
    return IntStream.of(lengths).max().orElse(0);
  }

  /** Takes ownership of the result of a step of so many tokens and frees the one before. */
  public void advance(OrtSession.Result result, int tokens) {
    Map<String, OnnxTensor> present = new LinkedHashMap<>();
    for (CacheSlot slot : slots) {
      OnnxValue value = result.get(slot.present()).orElseThrow();
      present.put(slot.past(), (OnnxTensor) value);
    }
    free();
    owners.add(result::close);
    Arrays.setAll(lengths, row -> lengths[row] + tokens);
    if (stored.isEmpty()) {
      past = present;
    } else {
      stored.forEach(
          (layer, form) ->
              form.append(
                  Tensors.lastRows(in(present, key(layer)), tokens),
                  Tensors.lastRows(in(present, value(layer)), tokens)));
    }
  }

  /** Frees what a step gave once nobody reads it, where rows are stored in another form. */
  public void settle() {
    if (!stored.isEmpty()) {
      free();
    }
  }

  /**
   * Copies blocks of tokens.
   *
   * @param first number of the first block
   * @param into receives the rows of each block, by name of the input
   */
  public void copy(int first, List<Map<String, byte[]>> into) {
    for (CacheSlot slot : slots) {
      ByteBuffer all = in(past, slot.past()).getByteBuffer();
      for (int i = 0; i < into.size(); i++) {
        byte[] rows = PrefixBlock.cut(slot, all, (first + i) * PrefixBlock.TOKENS);
        into.get(i).put(slot.past(), rows);
      }
    }
  }

  /** Keys and values of a layer, for each key head [N, headDim]. */
  public StoredLayer.Rows rows(int layer) {
    return new StoredLayer.Rows(
        Tensors.heads(in(past, key(layer))), Tensors.heads(in(past, value(layer))));
  }

  private static OnnxTensor in(Map<String, OnnxTensor> tensors, String slot) {
    OnnxTensor tensor = tensors.get(slot);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "the decoder has no cache '%s' whose rows can be read; it has %s"
              .formatted(slot, tensors.keySet()));
    }
    return tensor;
  }

  /** Replaces the rows of all layers, the same number in each, and frees those before. */
  public void replace(Map<Integer, StoredLayer.Rows> rows) {
    Map<String, OnnxTensor> other = new LinkedHashMap<>();
    rows.forEach((layer, of) -> put(layer, of, other));
    free();
    other.values().forEach(tensor -> owners.add(tensor::close));
    past = other;
    lengths[0] = rows.values().iterator().next().keys().get(0).rows();
  }

  /** Replaces the rows of all layers by stored ones; {@link #settle} frees the tensors. */
  public void store(Map<Integer, StoredLayer> rows) {
    stored.putAll(rows);
    past = Map.of();
    lengths[0] = rows.values().iterator().next().rows();
  }

  /** The layers whose rows are stored in another form. */
  public Map<Integer, StoredLayer> stored() {
    return stored;
  }

  private void put(int layer, StoredLayer.Rows rows, Map<String, OnnxTensor> into) {
    for (CacheSlot slot : slots) {
      if (slot.past().equals(key(layer))) {
        into.put(slot.past(), Tensors.tensor(rows.keys(), slot.type()));
      } else if (slot.past().equals(value(layer))) {
        into.put(slot.past(), Tensors.tensor(rows.values(), slot.type()));
      }
    }
  }

  private static String key(int layer) {
    return "past_key_values.%d.key".formatted(layer);
  }

  private static String value(int layer) {
    return "past_key_values.%d.value".formatted(layer);
  }

  /** Bytes of what is held. */
  public long bytes() {
    long bytes = stored.values().stream().mapToLong(StoredLayer::bytes).sum();
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
    stored.clear();
    Arrays.fill(lengths, 0);
  }
}
