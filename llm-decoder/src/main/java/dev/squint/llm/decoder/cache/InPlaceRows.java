package dev.squint.llm.decoder.cache;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.vision.io.DirectBuffers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a graph that writes each row's new token behind that row's own tokens, into the tensors
 * that it reads ({@link dev.squint.vision.onnx.graph.CacheInPlace}). The memory is allocated here,
 * so a row that joins is copied alone, and when one leaves, at most the last one is.
 */
public final class InPlaceRows implements RowCache {

  /** Columns for which room is made at a time, at least. */
  private static final int ROOM = 64;

  private final List<CacheSlot> slots;
  private final List<Integer> lengths = new ArrayList<>();
  private final Map<String, OnnxTensor> past = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> present = new LinkedHashMap<>();
  private Map<String, ByteBuffer> memory = Map.of();
  private int rowRoom;
  private int columnRoom;
  private OrtSession.@Nullable Result last;

  /** Without rows. */
  public InPlaceRows(List<CacheSlot> slots) {
    this.slots = slots;
  }

  @Override
  public int rows() {
    return lengths.size();
  }

  @Override
  public void add(StageCache one) {
    int tokens = one.length(0);
    int row = lengths.size();
    reserve(row + 1, tokens + 1);
    for (CacheSlot slot : slots) {
      row(slot, row).copy(slot, one.row(slot), 0, 0, tokens);
    }
    lengths.add(tokens);
    dropTensors();
  }

  @Override
  public void keep(int[] kept) {
    for (int row = 0; row < kept.length; row++) {
      if (kept[row] != row) {
        move(kept[row], row, kept.length);
      }
    }
    lengths.subList(kept.length, lengths.size()).clear();
    dropTensors();
  }

  private void move(int from, int to, int kept) {
    if (from < kept) {
      throw new IllegalArgumentException(
          "row %d cannot become row %d of %d; only a row behind those that are kept can move"
              .formatted(from, to, kept));
    }
    int tokens = lengths.get(from);
    for (CacheSlot slot : slots) {
      row(slot, to).copy(slot, row(slot, from), 0, 0, tokens);
    }
    lengths.set(to, tokens);
  }

  private RowBytes row(CacheSlot slot, int row) {
    return row(memory, slot, row, columnRoom);
  }

  private static RowBytes row(
      Map<String, ByteBuffer> memory, CacheSlot slot, int row, int columns) {
    ByteBuffer bytes = memory.get(slot.past());
    if (bytes == null) {
      throw new IllegalStateException("no memory was reserved for " + slot.past());
    }
    return RowBytes.of(slot, bytes, row, columns);
  }

  @Override
  public void makeRoom(boolean[] moves) {
    reserve(lengths.size(), columns() + 1);
  }

  private int columns() {
    return lengths.stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Allocates longer tensors, and copies all rows, if there is no room. */
  private void reserve(int rows, int columns) {
    if (rows <= rowRoom && columns <= columnRoom) {
      return;
    }
    int moreRows = rows <= rowRoom ? rowRoom : Math.max(rows, 2 * rowRoom);
    int moreColumns = columns <= columnRoom ? columnRoom : roomFor(columns);
    Map<String, ByteBuffer> longer = new LinkedHashMap<>();
    for (CacheSlot slot : slots) {
      long tokens = (long) moreRows * moreColumns;
      ByteBuffer bytes = DirectBuffers.bytes(tokens * slot.bytesPerToken());
      longer.put(slot.past(), bytes);
      for (int row = 0; row < lengths.size(); row++) {
        RowBytes.of(slot, bytes, row, moreColumns)
            .copy(slot, row(slot, row), 0, 0, lengths.get(row));
      }
    }
    memory = longer;
    rowRoom = moreRows;
    columnRoom = moreColumns;
    dropTensors();
  }

  // A quarter more, so that long rows are not copied more often than short ones.
  private static int roomFor(int columns) {
    int wanted = columns + Math.max(ROOM, columns / 4);
    return (wanted + ROOM - 1) / ROOM * ROOM;
  }

  @Override
  public Map<String, OnnxTensor> inputs() {
    makeTensors();
    return past;
  }

  @Override
  public Map<String, OnnxTensor> presents() {
    makeTensors();
    return present;
  }

  /** Tensors on the memory of the first rows. */
  private void makeTensors() {
    if (!past.isEmpty()) {
      return;
    }
    for (CacheSlot slot : slots) {
      long[] shape = slot.shape(columnRoom);
      shape[0] *= lengths.size();
      OnnxTensor tensor = Tensors.on(row(slot, 0).bytes(), slot.type(), shape);
      past.put(slot.past(), tensor);
      present.put(slot.present(), tensor);
    }
  }

  private void dropTensors() {
    past.values().forEach(OnnxTensor::close);
    past.clear();
    present.clear();
  }

  @Override
  public boolean[] seen(int row) {
    boolean[] seen = new boolean[columns() + 1];
    Arrays.fill(seen, 0, lengths.get(row) + 1, true);
    return seen;
  }

  @Override
  public void advance(OrtSession.Result result, boolean[] moved) {
    free();
    last = result;
    for (int row = 0; row < moved.length; row++) {
      if (moved[row]) {
        lengths.set(row, lengths.get(row) + 1);
      }
    }
  }

  @Override
  public boolean movesRows() {
    return true;
  }

  @Override
  public long bytesWith(int tokens) {
    int rows = lengths.size() + 1;
    long columns = tokens < columnRoom ? columnRoom : roomFor(tokens + 1);
    return slots.stream().mapToLong(CacheSlot::bytesPerToken).sum() * rows * columns;
  }

  private void free() {
    if (last != null) {
      last.close();
      last = null;
    }
  }

  @Override
  public void close() {
    free();
    dropTensors();
    lengths.clear();
    memory = Map.of();
    rowRoom = 0;
    columnRoom = 0;
  }
}
