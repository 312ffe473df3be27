package dev.squint.llm.decoder.cache;

import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.StoredRows;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One layer's cache of which most rows are stored in another form than the decoder reads (codes,
 * fewer channels), and the newest ones unchanged. Not thread-safe.
 */
public final class StoredLayer {

  private final List<StoredRows> stored = new ArrayList<>();
  private int storedRows;
  private List<Matrix> newKeys;
  private List<Matrix> newValues;

  /** Without rows, for a number of key heads. */
  public StoredLayer(int heads, int headDim) {
    Matrix none = new Matrix(0, headDim, new float[0]);
    this.newKeys = Collections.nCopies(heads, none);
    this.newValues = newKeys;
  }

  /** Adds rows in the form that a policy chose. */
  public void store(CachedTokens rows, CacheDecision decision) {
    StoredRows form =
        decision.denseRows() < rows.rows()
            ? ChannelRows.of(rows, decision)
            : decision.storage().store(rows);
    stored.add(form);
    storedRows += rows.rows();
  }

  /** Adds rows unchanged, one matrix [R, headDim] per key head. */
  void append(List<Matrix> keys, List<Matrix> values) {
    newKeys = joined(List.of(newKeys, keys));
    newValues = joined(List.of(newValues, values));
  }

  /** Number of all rows, N. */
  int rows() {
    return storedRows + newRows();
  }

  /** Number of unchanged rows. */
  public int newRows() {
    return newKeys.get(0).rows();
  }

  /** Removes and returns the unchanged rows. */
  public Rows takeNew() {
    Rows taken = new Rows(newKeys, newValues);
    Matrix none = new Matrix(0, newKeys.get(0).cols(), new float[0]);
    newKeys = Collections.nCopies(newKeys.size(), none);
    newValues = newKeys;
    return taken;
  }

  /** All rows as the decoder reads them. */
  Rows read() {
    List<List<Matrix>> keys = new ArrayList<>();
    List<List<Matrix>> values = new ArrayList<>();
    for (StoredRows rows : stored) {
      keys.add(rows.keys());
      values.add(rows.values());
    }
    keys.add(newKeys);
    values.add(newValues);
    return new Rows(joined(keys), joined(values));
  }

  /** Bytes that it holds. */
  long bytes() {
    long dense = 2L * Float.BYTES * newKeys.size() * newKeys.get(0).data().length;
    return dense + stored.stream().mapToLong(StoredRows::bytes).sum();
  }

  private static List<Matrix> joined(List<List<Matrix>> parts) {
    List<Matrix> heads = new ArrayList<>();
    for (int h = 0; h < parts.get(0).size(); h++) {
      int head = h;
      heads.add(Matrix.stacked(parts.stream().map(part -> part.get(head)).toList()));
    }
    return heads;
  }

  /** Keys and values, for each key head [N, headDim]. */
  public record Rows(List<Matrix> keys, List<Matrix> values) {}
}
