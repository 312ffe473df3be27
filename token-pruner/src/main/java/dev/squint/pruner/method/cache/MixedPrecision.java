package dev.squint.pruner.method.cache;

import dev.squint.pruner.CacheStorage;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.StoredRows;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Stores important rows in longer codes than the other rows, as in ZipCache and the first version
 * of ZipVL. Keys are quantized by channel over the rows of a class. Values are quantized by row,
 * after each channel is divided by the square root of its largest element.
 *
 * @param important rows with long codes, ascending; the others have short codes
 * @param highBits bits of a long code
 * @param lowBits bits of a short code
 */
public record MixedPrecision(int[] important, int highBits, int lowBits) implements CacheStorage {
  public MixedPrecision {
    important = important.clone();
  }

  @Override
  public int[] important() {
    return important.clone();
  }

  @Override
  public StoredRows store(CachedTokens cache) {
    return Codes.of(this, cache);
  }

  /**
   * Number of operations to store a cache: codes, and the division of values by the root for each
   * channel.
   */
  static double operations(CachedTokens cache) {
    double channels = (double) cache.heads() * cache.keys().get(0).cols();
    return (2 * QuantizedMatrix.OPERATIONS + 1) * cache.rows() * channels + channels;
  }

  private Matrix together(Matrix first, Matrix second) {
    float[][] all = new float[first.rows() + second.rows()][];
    int[] others = others(all.length);
    for (int i = 0; i < important.length; i++) {
      all[important[i]] = first.row(i);
    }
    for (int i = 0; i < others.length; i++) {
      all[others[i]] = second.row(i);
    }
    return Matrix.of(all);
  }

  private int[] others(int rows) {
    return IntStream.range(0, rows)
        .filter(row -> Arrays.binarySearch(important, row) < 0)
        .toArray();
  }

  private static float[] channelScale(Matrix values) {
    float[] scale = new float[values.cols()];
    for (int c = 0; c < scale.length; c++) {
      float most = 0;
      for (int r = 0; r < values.rows(); r++) {
        most = Math.max(most, Math.abs(values.get(r, c)));
      }
      scale[c] = most == 0 ? 1 : (float) Math.sqrt(most);
    }
    return scale;
  }

  private static Matrix scaled(Matrix rows, float[] scale, boolean divide) {
    float[] scaled = rows.data().clone();
    for (int i = 0; i < scaled.length; i++) {
      float factor = scale[i % scale.length];
      scaled[i] = divide ? scaled[i] / factor : scaled[i] * factor;
    }
    return new Matrix(rows.rows(), rows.cols(), scaled);
  }

  /** The codes of one layer. */
  record Codes(
      QuantizedMatrix importantKeys,
      QuantizedMatrix otherKeys,
      QuantizedMatrix importantValues,
      QuantizedMatrix otherValues,
      float[] scale,
      MixedPrecision storage,
      int heads)
      implements StoredRows {

    static Codes of(MixedPrecision storage, CachedTokens cache) {
      int[] others = storage.others(cache.rows());
      Matrix keys = HeadRows.joined(cache.keys());
      Matrix values = HeadRows.joined(cache.values());
      float[] scale = channelScale(values);
      Matrix divided = scaled(values, scale, true);
      return new Codes(
          byChannel(keys.rows(storage.important), storage.highBits),
          byChannel(keys.rows(others), storage.lowBits),
          QuantizedMatrix.of(divided.rows(storage.important), storage.highBits, 1, divided.cols()),
          QuantizedMatrix.of(divided.rows(others), storage.lowBits, 1, divided.cols()),
          scale,
          storage,
          cache.heads());
    }

    @Override
    public List<Matrix> keys() {
      return HeadRows.split(
          storage.together(importantKeys.dequantised(), otherKeys.dequantised()), heads);
    }

    @Override
    public List<Matrix> values() {
      Matrix divided = storage.together(importantValues.dequantised(), otherValues.dequantised());
      return HeadRows.split(scaled(divided, scale, false), heads);
    }

    @Override
    public long bytes() {
      return importantKeys.bytes()
          + otherKeys.bytes()
          + importantValues.bytes()
          + otherValues.bytes()
          + (long) Float.BYTES * scale.length
          + (long) Integer.BYTES * storage.important.length;
    }

    private static QuantizedMatrix byChannel(Matrix rows, int bits) {
      return QuantizedMatrix.of(rows, bits, Math.max(1, rows.rows()), 1);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MixedPrecision storage
        && Arrays.equals(important, storage.important)
        && highBits == storage.highBits
        && lowBits == storage.lowBits;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(important) + 31 * highBits + lowBits;
  }

  @Override
  public String toString() {
    return "MixedPrecision[%d rows in %d bits, the others in %d]"
        .formatted(important.length, highBits, lowBits);
  }
}
