package dev.squint.vision.onnx.quantize;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * A constant matrix, row by row. The values are views of a mapped file, so that a matrix larger
 * than the heap can be read.
 *
 * @param parts the values, [rows, columns]; each part has the same number of rows, the last one the
 *     rest
 * @param rows number of rows
 * @param columns number of columns
 */
record WeightMatrix(List<FloatBuffer> parts, int rows, int columns) {

  WeightMatrix {
    long values = 0;
    for (FloatBuffer part : parts) {
      values += part.remaining();
    }
    if (values != (long) rows * columns) {
      throw new IllegalArgumentException(
          "a matrix of %d x %d has %d values".formatted(rows, columns, values));
    }
    parts = List.copyOf(parts);
  }

  /** Copies one row into an array of the length of a row. */
  void row(int row, float[] into) {
    int rowsOfPart = parts.get(0).remaining() / columns;
    FloatBuffer part = parts.get(row / rowsOfPart);
    part.get(part.position() + row % rowsOfPart * columns, into, 0, columns);
  }
}
