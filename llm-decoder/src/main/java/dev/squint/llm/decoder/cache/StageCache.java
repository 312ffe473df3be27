package dev.squint.llm.decoder.cache;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.TensorRoom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Keys and values that one stage holds for the B sequences that decode together. A step takes them
 * in one of two ways. Either the graph returns all rows, old and new, as new tensors, which are the
 * inputs of the next step; or, after {@link #makeRoom}, it writes the new rows behind the old ones
 * into the same tensors, which are longer than what they hold.
 *
 * <p>What replaces or reads rows of a layer (cache policies, prefixes) works on one sequence.
 */
public final class StageCache implements AutoCloseable {

  /** Tokens for which room is made at a time: one step in 64 copies the cache. */
  private static final int ROOM = 64;

  private final List<CacheSlot> slots;
  private final List<Runnable> owners = new ArrayList<>();
  private final List<Runnable> results = new ArrayList<>();
  private final Map<Integer, StoredLayer> stored = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> held = new LinkedHashMap<>();
  private final List<Runnable> ownersOfHeld = new ArrayList<>();
  private Map<String, OnnxTensor> past;
  private final int[] lengths;
  private int capacity;
  private final boolean inPlace;

  /**
   * Takes ownership of the tensors of one sequence.
   *
   * @param slots the cache tensors of the stage
   * @param past by name of the input
   * @param length tokens that they hold
   * @param inPlace whether steps may write into tensors that are longer than what they hold
   */
  public StageCache(
      List<CacheSlot> slots, Map<String, OnnxTensor> past, int length, boolean inPlace) {
    this.inPlace = inPlace;
    this.slots = slots;
    this.past = past;
    this.lengths = new int[] {length};
    this.capacity = length;
    past.values().forEach(tensor -> owners.add(tensor::close));
  }

  /**
   * Holds an input that is the same in every step.
   *
   * @param owner what to close when the cache is closed, which frees the tensor
   */
  public void hold(String input, OnnxTensor tensor, Runnable owner) {
    held.put(input, tensor);
    ownersOfHeld.add(owner);
  }

  /** The cache as inputs of the next step. */
  public Map<String, OnnxTensor> inputs() {
    if (!held.isEmpty()) {
      Map<String, OnnxTensor> all = new LinkedHashMap<>(past);
      all.putAll(held);
      return all;
    }
    if (stored.isEmpty()) {
      return past;
    }
    // Read back for this step; freed with its result.
    Map<String, OnnxTensor> read = new LinkedHashMap<>();
    stored.forEach((layer, form) -> put(layer, form.read(), 0, read));
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

  /**
   * Makes room for new tokens behind those that are held, by a copy if there is none left.
   *
   * @return whether there is room; false if the graph cannot use it, or the cache is empty or holds
   *     rows in another form
   */
  public boolean makeRoom(int tokens) {
    if (!inPlace || !stored.isEmpty() || columns() == 0) {
      return false;
    }
    if (columns() + tokens <= capacity) {
      return true;
    }
    int more = Math.max(tokens, ROOM);
    Map<String, OnnxTensor> longer = new LinkedHashMap<>();
    List<Runnable> copies = new ArrayList<>();
    try {
      past.forEach(
          (slot, tensor) -> {
            OrtSession.Result copy = TensorRoom.added(tensor, more);
            copies.add(copy::close);
            longer.put(slot, (OnnxTensor) copy.get(0));
          });
    } catch (RuntimeException e) {
      copies.forEach(Runnable::run);
      throw e;
    }
    free();
    owners.addAll(copies);
    past = longer;
    capacity += more;
    return true;
  }

  /** The tensors into which a step writes, by the name of the output, after {@link #makeRoom}. */
  public Map<String, OnnxTensor> presents() {
    Map<String, OnnxTensor> presents = new LinkedHashMap<>();
    for (CacheSlot slot : slots) {
      presents.put(slot.present(), in(past, slot.past()));
    }
    return presents;
  }

  /**
   * Counts tokens that a step wrote into the tensors.
   *
   * @param result of the step, without the cache; takes ownership and frees the one before
   */
  public void advanceInPlace(OrtSession.Result result, int tokens) {
    results.forEach(Runnable::run);
    results.clear();
    results.add(result::close);
    Arrays.setAll(lengths, row -> lengths[row] + tokens);
  }

  /** Takes ownership of the result of a step and frees the one before. */
  public void advance(OrtSession.Result result, int tokens) {
    Map<String, OnnxTensor> present = new LinkedHashMap<>();
    boolean first = columns() == 0;
    for (CacheSlot slot : slots) {
      OnnxValue value = result.get(slot.present()).orElseThrow();
      // Later steps give these empty, or do not compute them again.
      Map<String, OnnxTensor> of = slot.ofEncoder() ? held : present;
      if (first || !slot.ofEncoder()) {
        of.put(slot.past(), (OnnxTensor) value);
      }
    }
    free();
    (first && slots.stream().anyMatch(CacheSlot::ofEncoder) ? ownersOfHeld : owners)
        .add(result::close);
    Arrays.setAll(lengths, row -> lengths[row] + tokens);
    if (stored.isEmpty()) {
      past = present;
      capacity = inPlace ? rowsOf(present) : columns();
    } else {
      stored.forEach(
          (layer, form) ->
              form.append(
                  Tensors.lastRows(in(present, key(layer)), tokens),
                  Tensors.lastRows(in(present, value(layer)), tokens)));
    }
  }

  /** Rows of the tensors; those behind the tokens that are held are room. */
  private int rowsOf(Map<String, OnnxTensor> tensors) {
    return Math.toIntExact(in(tensors, slots.get(0).past()).getInfo().getShape()[2]);
  }

  /** Frees the result of a step after the last read, where rows are stored in another form. */
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

  /** A copy of the only row of a tensor. */
  RowBytes row(CacheSlot slot) {
    ByteBuffer bytes = in(past, slot.past()).getByteBuffer();
    return new RowBytes(bytes, 0, bytes.capacity() / slot.rowsPerToken());
  }

  /** Keys and values of a layer, for each key head [N, headDim]. */
  public StoredLayer.Rows rows(int layer) {
    return new StoredLayer.Rows(
        Tensors.firstRows(in(past, key(layer)), columns()),
        Tensors.firstRows(in(past, value(layer)), columns()));
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
    int room = inPlace ? ROOM : 0;
    rows.forEach((layer, of) -> put(layer, of, room, other));
    free();
    other.values().forEach(tensor -> owners.add(tensor::close));
    past = other;
    lengths[0] = rows.values().iterator().next().keys().get(0).rows();
    capacity = lengths[0] + room;
  }

  /**
   * Drops the last tokens of the only sequence. Where the graph takes tensors that are longer than
   * what they hold, the rows become room; otherwise those that stay are copied.
   */
  public void shorten(int tokens) {
    int left = lengths[0] - tokens;
    if (!inPlace) {
      Map<String, OnnxTensor> shorter = new LinkedHashMap<>();
      for (CacheSlot slot : slots) {
        ByteBuffer bytes = DirectBuffers.bytes(slot.bytesPerToken() * left);
        RowBytes.of(slot, bytes, 0, left).copy(slot, row(slot), 0, 0, left);
        shorter.put(slot.past(), Tensors.on(bytes, slot.type(), slot.shape(left)));
      }
      free();
      shorter.values().forEach(tensor -> owners.add(tensor::close));
      past = shorter;
      capacity = left;
    }
    lengths[0] = left;
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

  private void put(int layer, StoredLayer.Rows rows, int room, Map<String, OnnxTensor> into) {
    for (CacheSlot slot : slots) {
      if (slot.past().equals(key(layer))) {
        into.put(slot.past(), Tensors.tensor(rows.keys(), room, slot.type()));
      } else if (slot.past().equals(value(layer))) {
        into.put(slot.past(), Tensors.tensor(rows.values(), room, slot.type()));
      }
    }
  }

  private static String key(int layer) {
    return "past_key_values.%d.key".formatted(layer);
  }

  private static String value(int layer) {
    return "past_key_values.%d.value".formatted(layer);
  }

  /** Bytes of the rows that are held; room for more is not counted. */
  public long bytes() {
    long bytes = stored.values().stream().mapToLong(StoredLayer::bytes).sum();
    for (OnnxTensor tensor : past.values()) {
      TensorInfo info = tensor.getInfo();
      long all = info.getNumElements() * info.type.size;
      bytes += capacity > columns() ? all / capacity * columns() : all;
    }
    for (CacheSlot slot : slots) {
      OnnxTensor once = held.get(slot.past());
      bytes += once == null ? 0 : once.getInfo().getNumElements() * once.getInfo().type.size;
    }
    return bytes;
  }

  private void free() {
    results.forEach(Runnable::run);
    results.clear();
    owners.forEach(Runnable::run);
    owners.clear();
  }

  @Override
  public void close() {
    free();
    ownersOfHeld.forEach(Runnable::run);
    ownersOfHeld.clear();
    held.clear();
    past = Map.of();
    stored.clear();
    Arrays.fill(lengths, 0);
  }
}
