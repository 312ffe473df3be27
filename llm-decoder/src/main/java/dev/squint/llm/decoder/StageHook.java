package dev.squint.llm.decoder;

/** Decides between two stages of a prefill which tokens go on. */
@FunctionalInterface
public interface StageHook {

  /**
   * Rows of the tokens whose queries {@link StageEnd} shows, ascending, [R]; none by default.
   *
   * @param layers layers that will have run when the coming stage ends
   * @param tokens tokens that it runs on, S
   */
  default int[] queries(int layers, int tokens) {
    return new int[0];
  }

  /** What goes on into the next stage, after the layers of one have run. */
  StageInput between(StageEnd end);
}
