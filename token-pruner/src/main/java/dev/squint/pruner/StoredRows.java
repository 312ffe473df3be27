package dev.squint.pruner;

import java.util.List;

/** Rows of one layer's cache in their storage format. Immutable. */
public interface StoredRows {

  /** Keys as they are read back, for each key head [N, headDim]. */
  List<Matrix> keys();

  /** Values as they are read back, for each key head [N, headDim]. */
  List<Matrix> values();

  /** Size in bytes, with packed codes. */
  long bytes();
}
