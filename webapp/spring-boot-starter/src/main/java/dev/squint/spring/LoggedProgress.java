package dev.squint.spring;

import dev.squint.llm.hub.PullProgress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;

/** Logs a download: one line for each tenth of a file. */
final class LoggedProgress implements PullProgress {

  private static final int PARTS = 10;

  private final Logger log;
  private final ConcurrentMap<String, Long> logged = new ConcurrentHashMap<>();

  LoggedProgress(Logger log) {
    this.log = log;
  }

  @Override
  public void received(String file, long done, long size) {
    if (size <= 0) {
      return;
    }
    long part = PARTS * done / size;
    Long before = logged.put(file, part);
    if (before == null || before != part) {
      log.info("{}: {} % of {} bytes received", file, 100 * part / PARTS, size);
    }
  }
}
