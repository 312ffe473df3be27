package dev.squint.webapp.answering;

import java.util.LinkedHashMap;
import java.util.Map;

/** When clients had their last turn. Not thread-safe. */
final class ClientTurns {

  /** Clients that are remembered; those that were not served for longest are forgotten. */
  private static final int MOST = 1000;

  private final Map<String, Long> last = new LinkedHashMap<>();
  private long count;

  /** Number of the client's last turn, 0 if it had none. */
  long lastOf(String client) {
    return last.getOrDefault(client, 0L);
  }

  /** Notes that it is a client's turn now. */
  void take(String client) {
    last.remove(client);
    last.put(client, ++count);
    if (last.size() > MOST) {
      last.remove(last.keySet().iterator().next());
    }
  }
}
