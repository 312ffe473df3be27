package dev.squint.llm.decoder.cache;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.vision.io.DirectBuffers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Rows of a graph that returns all columns and the new one behind them, the same for each row. Rows
 * end together: shorter ones begin later, and their masks hide the columns before. So tokens are as
 * far apart as in a sequence alone, which sliding windows count. Joining, leaving and the end of a
 * rest copy all rows.
 */
public final class AppendedRows implements RowCache {

  private final List<CacheSlot> slots;
  private final List<BitSet> seen = new ArrayList<>();
  private final List<Runnable> owners = new ArrayList<>();
  private Map<String, OnnxTensor> past = Map.of();
  private int columns;

  /** Without rows. */
  public AppendedRows(List<CacheSlot> slots) {
    this.slots = slots;
  }

  /** A row before it is copied: its tensors by input, and which of their columns count. */
  private record Source(Map<String, RowBytes> of, BitSet seen) {}

  @Override
  public int rows() {
    return seen.size();
  }

  @Override
  public void add(StageCache one) {
    Map<String, RowBytes> rows = new LinkedHashMap<>();
    slots.forEach(slot -> rows.put(slot.past(), one.row(slot)));
    BitSet all = new BitSet();
    all.set(0, one.length(0));
    List<Source> sources = sources();
    sources.add(new Source(rows, all));
    copy(sources);
  }

  @Override
  public void keep(int[] kept) {
    List<Source> all = sources();
    List<Source> some = new ArrayList<>();
    for (int row : kept) {
      some.add(all.get(row));
    }
    copy(some);
  }

  @Override
  public void makeRoom(boolean[] moves) {
    for (int row = 0; row < moves.length; row++) {
      int first = seen.get(row).nextSetBit(0);
      if (moves[row] && seen.get(row).nextClearBit(first) < columns) {
        copy(sources());
        return;
      }
    }
  }

  private List<Source> sources() {
    Map<String, ByteBuffer> bytes = new LinkedHashMap<>();
    past.forEach((name, tensor) -> bytes.put(name, tensor.getByteBuffer()));
    List<Source> sources = new ArrayList<>();
    for (int row = 0; row < seen.size(); row++) {
      Map<String, RowBytes> rows = new LinkedHashMap<>();
      for (CacheSlot slot : slots) {
        ByteBuffer all = Objects.requireNonNull(bytes.get(slot.past()));
        rows.put(slot.past(), RowBytes.of(slot, all, row, columns));
      }
      sources.add(new Source(rows, seen.get(row)));
    }
    return sources;
  }

  /** Copies the columns that count, without the columns of rests. */
  private void copy(List<Source> rows) {
    int longest = rows.stream().mapToInt(row -> row.seen().cardinality()).max().orElse(0);
    Map<String, OnnxTensor> copies = new LinkedHashMap<>();
    for (CacheSlot slot : slots) {
      long[] shape = slot.shape(longest);
      shape[0] *= rows.size();
      ByteBuffer bytes = DirectBuffers.bytes(rows.size() * slot.bytesPerToken() * longest);
      for (int row = 0; row < rows.size(); row++) {
        RowBytes to = RowBytes.of(slot, bytes, row, longest);
        copyRuns(slot, rows.get(row), to);
      }
      copies.put(slot.past(), Tensors.on(bytes, slot.type(), shape));
    }
    free();
    copies.values().forEach(tensor -> owners.add(tensor::close));
    past = copies;
    columns = longest;
    seen.clear();
    for (Source row : rows) {
      BitSet dense = new BitSet();
      dense.set(longest - row.seen().cardinality(), longest);
      seen.add(dense);
    }
  }

  private static void copyRuns(CacheSlot slot, Source row, RowBytes to) {
    RowBytes from = Objects.requireNonNull(row.of().get(slot.past()));
    int copied = to.stride() / slot.rowBytes() - row.seen().cardinality();
    for (int start = row.seen().nextSetBit(0); start >= 0; ) {
      int end = row.seen().nextClearBit(start);
      to.copy(slot, from, start, copied, end - start);
      copied += end - start;
      start = row.seen().nextSetBit(end);
    }
  }

  @Override
  public Map<String, OnnxTensor> inputs() {
    return past;
  }

  @Override
  public Map<String, OnnxTensor> presents() {
    return Map.of();
  }

  @Override
  public boolean[] seen(int row) {
    boolean[] all = new boolean[columns + 1];
    seen.get(row).stream().forEach(column -> all[column] = true);
    all[columns] = true;
    return all;
  }

  @Override
  public void advance(OrtSession.Result result, boolean[] moved) {
    Map<String, OnnxTensor> present = new LinkedHashMap<>();
    for (CacheSlot slot : slots) {
      present.put(slot.past(), (OnnxTensor) result.get(slot.present()).orElseThrow());
    }
    free();
    owners.add(result::close);
    past = present;
    for (int row = 0; row < moved.length; row++) {
      seen.get(row).set(columns, moved[row]);
    }
    columns++;
  }

  @Override
  public boolean movesRows() {
    return false;
  }

  @Override
  public long bytesWith(int tokens) {
    long rows = seen.size() + 1L;
    return slots.stream().mapToLong(CacheSlot::bytesPerToken).sum()
        * rows
        * Math.max(columns, tokens);
  }

  private void free() {
    owners.forEach(Runnable::run);
    owners.clear();
  }

  @Override
  public void close() {
    free();
    past = Map.of();
    seen.clear();
    columns = 0;
  }
}
