package dev.squint.llm.hub;

import java.time.Duration;

/** Receives the progress of a download. */
@FunctionalInterface
public interface PullProgress {

  /** Reports nothing. */
  PullProgress SILENT = (file, done, size) -> {};

  /**
   * A piece of a file has arrived.
   *
   * @param file its path inside the package
   * @param done bytes received so far
   * @param size bytes of the whole; -1 if that is not known
   */
  void received(String file, long done, long size);

  /**
   * A request failed and is repeated after a wait.
   *
   * @param what the file or listing
   * @param cause why it failed
   * @param attempt number of the next attempt, from 2
   * @param attempts the most attempts of a request
   */
  default void repeats(String what, String cause, int attempt, int attempts, Duration wait) {}
}
