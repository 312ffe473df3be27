package dev.squint.llm.decoder.stage;

/** Decides between two stages of a prefill which tokens the next one runs on. */
@FunctionalInterface
public interface StageHook {

  /** All tokens run through all stages. */
  StageHook NONE =
      new StageHook() {
        @Override
        public boolean readsPrompt() {
          return false;
        }

        @Override
        public StageInput between(StageEnd end) {
          return StageInput.everything(end);
        }
      };

  /** Whether it must see all tokens of a prompt in one run; false if it changes nothing. */
  default boolean readsPrompt() {
    return true;
  }

  /**
   * Rows of the tokens whose queries {@link StageEnd} is to have, ascending, [R]; none by default.
   *
   * @param layers layers that will have run when the coming stage ends
   * @param tokens tokens that it runs on, S
   */
  default int[] queries(int layers, int tokens) {
    return new int[0];
  }

  /** What the next stage runs on, after the layers of one have run. */
  StageInput between(StageEnd end);
}
