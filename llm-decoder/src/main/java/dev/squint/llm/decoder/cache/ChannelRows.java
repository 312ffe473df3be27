package dev.squint.llm.decoder.cache;

import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.StoredRows;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows whose keys have lost channels, but for the newest ones. A channel that is gone is read back
 * as 0, which is for a query to leave it out.
 *
 * @param channels for each key head the channels that are left
 * @param pruned for each key head keys in these channels, [N - dense, C]
 * @param dense for each key head keys of the newest rows, [dense, headDim]
 * @param values for each key head [N, headDim]
 */
record ChannelRows(
    List<int[]> channels, List<Matrix> pruned, List<Matrix> dense, List<Matrix> values)
    implements StoredRows {

  static ChannelRows of(CachedTokens rows, CacheDecision decision) {
    int old = rows.rows() - decision.denseRows();
    int[] first = IntStream.range(0, old).toArray();
    int[] rest = IntStream.range(old, rows.rows()).toArray();
    List<Matrix> pruned = new ArrayList<>();
    List<Matrix> dense = new ArrayList<>();
    for (int h = 0; h < rows.heads(); h++) {
      Matrix keys = rows.keys().get(h);
      pruned.add(keys.rows(first).columns(decision.keyChannels().get(h)));
      dense.add(keys.rows(rest));
    }
    return new ChannelRows(decision.keyChannels(), pruned, dense, rows.values());
  }

  @Override
  public List<Matrix> keys() {
    List<Matrix> keys = new ArrayList<>();
    for (int h = 0; h < pruned.size(); h++) {
      int[] of = channels.get(h);
      int cols = dense.get(h).cols();
      float[] old = new float[pruned.get(h).rows() * cols];
      for (int row = 0; row < pruned.get(h).rows(); row++) {
        for (int c = 0; c < of.length; c++) {
          old[row * cols + of[c]] = pruned.get(h).get(row, c);
        }
      }
      keys.add(Matrix.stacked(List.of(new Matrix(pruned.get(h).rows(), cols, old), dense.get(h))));
    }
    return keys;
  }

  @Override
  public long bytes() {
    long numbers = 0;
    for (int h = 0; h < pruned.size(); h++) {
      numbers += pruned.get(h).data().length;
      numbers += dense.get(h).data().length;
      numbers += values.get(h).data().length;
      numbers += channels.get(h).length;
    }
    return Float.BYTES * numbers;
  }
}
