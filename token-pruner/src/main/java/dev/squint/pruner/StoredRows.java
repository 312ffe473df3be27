package dev.squint.pruner;

import java.util.List;

/** Rows of one layer's cache in the form in which they are stored. Immutable. */
public interface StoredRows {

  /** Keys as they are read back, for each key head [N, headDim]. */
  List<Matrix> keys();

  /** Values as they are read back, for each key head [N, headDim]. */
  List<Matrix> values();

  /** Bytes that it holds, codes packed. */
  long bytes();
}
