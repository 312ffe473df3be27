package dev.squint.llm.hub;

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
}
