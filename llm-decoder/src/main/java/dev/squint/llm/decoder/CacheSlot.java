package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxJavaType;
import java.util.List;

/**
 * One cache tensor of a stage: the input that takes the past and the output that gives the present.
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

  /**
   * Whether the tensor grows with the tokens, as keys and values do and recurrent states do not.
   */
  public boolean grows() {
    return emptyShape.contains(0L);
  }

  /** Bytes that one more token adds; 0 for a state of fixed size. */
  public long bytesPerToken() {
    if (!grows()) {
      return 0;
    }
    return type.size * emptyShape.stream().filter(dim -> dim != 0).reduce(1L, (a, b) -> a * b);
  }
}
