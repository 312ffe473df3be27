package dev.squint.llm.decoder.batch;

/**
 * Receives what a batch does, for metrics. Called on the threads that run it, so it must be fast.
 */
public interface BatchListener {

  /**
   * A step has run.
   *
   * @param rows sequences that got a token
   * @param waiting sequences that wait for a row
   * @param millis of the step
   */
  default void stepped(int rows, int waiting, double millis) {}

  /**
   * A chunk of a prompt has run.
   *
   * @param tokens of the chunk
   * @param millis of the run, without waiting for its turn
   */
  default void prefilled(int tokens, double millis) {}
}
