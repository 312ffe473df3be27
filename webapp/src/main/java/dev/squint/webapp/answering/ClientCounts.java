package dev.squint.webapp.answering;

import java.util.HashMap;
import java.util.Map;

/** Numbers of questions by client. Not thread-safe. */
final class ClientCounts {

  private final Map<String, Integer> counts = new HashMap<>();
  private int total;

  int total() {
    return total;
  }

  int of(String client) {
    return counts.getOrDefault(client, 0);
  }

  void add(String client) {
    counts.merge(client, 1, Integer::sum);
    total++;
  }

  void remove(String client) {
    counts.computeIfPresent(client, (name, count) -> count > 1 ? count - 1 : null);
    total--;
  }
}
