package dev.squint.llm.decoder.cache;

import ai.onnxruntime.OnnxJavaType;
import java.util.List;

/**
 * One cache tensor of a stage: the input of the past and the output of the present.
 *
 * @param past name of the input
 * @param present name of the output
 * @param type of both
 * @param emptyShape of the past before anything is cached: what the graph fixes, 1 for the batch
 *     and 0 for the length
 */
public record CacheSlot(String past, String present, OnnxJavaType type, List<Long> emptyShape) {

  public CacheSlot {
    emptyShape = List.copyOf(emptyShape);
  }

  /** Whether it holds what an encoder-decoder computes once of the encoder's tokens. */
  public boolean ofEncoder() {
    return past.contains(".encoder.");
  }

  /**
   * Whether the tensor grows with the tokens, as keys and values do and recurrent states do not.
   */
  public boolean grows() {
    return emptyShape.contains(0L) && !ofEncoder();
  }

  /** Whether all that the tensor holds is rows of tokens, along one axis. */
  public boolean growsByRows() {
    return !ofEncoder() && emptyShape.stream().filter(dim -> dim == 0).count() == 1;
  }

  /** Rows that a token has, one for each key head. */
  int rowsPerToken() {
    return Math.toIntExact(product(emptyShape.subList(0, emptyShape.indexOf(0L))));
  }

  /** Bytes of one row. */
  int rowBytes() {
    List<Long> row = emptyShape.subList(emptyShape.indexOf(0L) + 1, emptyShape.size());
    return Math.toIntExact(product(row) * type.size);
  }

  /** The tensor's shape with this number of tokens. */
  public long[] shape(int tokens) {
    return emptyShape.stream().mapToLong(dim -> dim == 0 ? tokens : dim).toArray();
  }

  private static long product(List<Long> dims) {
    return dims.stream().reduce(1L, Math::multiplyExact);
  }

  /** Bytes that one more token adds; 0 for a state of fixed size. */
  public long bytesPerToken() {
    if (!grows()) {
      return 0;
    }
    return type.size * emptyShape.stream().filter(dim -> dim != 0).reduce(1L, (a, b) -> a * b);
  }
}
