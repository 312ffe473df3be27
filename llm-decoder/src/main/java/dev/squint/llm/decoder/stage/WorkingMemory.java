package dev.squint.llm.decoder.stage;

import dev.squint.vision.onnx.graph.LayerInfo;
import java.util.List;

/**
 * What the stages of a decoder keep in their arenas between runs. Each stage has an arena of its
 * own, so a decoder in many stages would keep many times what a decoder in one session keeps.
 *
 * @param stages number of stages
 * @param heads query heads of a layer; an estimate if the graph does not declare them
 * @param hidden size of a hidden state
 */
record WorkingMemory(int stages, int heads, int hidden) {

  /** Bytes that all stages keep at most, as far as they can be estimated. */
  private static final long MOST_KEPT = 768L << 20;

  /** Smaller than most, so that the estimate is rather too high. */
  private static final int SMALL_HEAD_SIZE = 32;

  /**
   * Memory of a decoder's stages.
   *
   * @param layers facts about the layers of the decoder; empty if it is not cut
   */
  static WorkingMemory of(int stages, List<LayerInfo> layers, int hidden) {
    int declared = layers.stream().mapToInt(LayerInfo::heads).max().orElse(0);
    int heads = declared > 0 ? declared : Math.max(1, hidden / SMALL_HEAD_SIZE);
    return new WorkingMemory(stages, heads, hidden);
  }

  /**
   * Whether a stage keeps its memory after a run. If it does not, the next run maps it again. That
   * is too slow for decoding, whose runs are short and need little.
   *
   * @param tokens new tokens
   * @param columns new and cached tokens
   */
  boolean isKept(int tokens, int columns) {
    return stages == 1 || tokens == 1 || stages * bytes(tokens, columns) <= MOST_KEPT;
  }

  /**
   * Estimates what a stage needs for new tokens: two matrices of attention for each head, and 16
   * rows of the hidden size for each token, in 32-bit floats.
   */
  long bytes(int tokens, int columns) {
    return Float.BYTES * (long) tokens * (2L * heads * columns + 16L * hidden);
  }
}
