package dev.squint.webapp.answering;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue that serves the client whose last turn is longest ago, and keeps the order within a
 * client. Not thread-safe.
 */
final class FairQueue<T> {

  private final Map<String, Deque<T>> clients = new LinkedHashMap<>();
  private int size;

  int size() {
    return size;
  }

  void add(String client, T item) {
    clients.computeIfAbsent(client, name -> new ArrayDeque<>()).addLast(item);
    size++;
  }

  /** The client whose turn it is, of those whose first item can start; null if there is none. */
  @Nullable String next(Predicate<? super T> canStart, ClientTurns turns) {
    return clients.entrySet().stream()
        .filter(entry -> canStart.test(entry.getValue().getFirst()))
        .map(Map.Entry::getKey)
        .min(Comparator.comparingLong(turns::lastOf))
        .orElse(null);
  }

  /** Removes the first item of the next client whose first item can start; null if none can. */
  @Nullable T poll(Predicate<? super T> canStart, ClientTurns turns) {
    String client = next(canStart, turns);
    Deque<T> items = client == null ? null : clients.get(client);
    if (client == null || items == null) {
      return null;
    }
    T item = items.removeFirst();
    size--;
    if (items.isEmpty()) {
      clients.remove(client);
    }
    turns.take(client);
    return item;
  }

  boolean remove(String client, T item) {
    Deque<T> items = clients.get(client);
    if (items == null || !items.remove(item)) {
      return false;
    }
    size--;
    if (items.isEmpty()) {
      clients.remove(client);
    }
    return true;
  }

  /**
   * Removes the newest item of the client with the most items, so that an item of another client
   * can be added. Returns null if no client would still have as many items as the other one then.
   */
  @Nullable T dropForOther(String client) {
    Deque<T> longest = null;
    int most = 1 + count(client);
    for (Deque<T> items : clients.values()) {
      if (items.size() > most) {
        longest = items;
        most = items.size();
      }
    }
    if (longest == null) {
      return null;
    }
    size--;
    return longest.removeLast();
  }

  private int count(String client) {
    Deque<T> items = clients.get(client);
    return items == null ? 0 : items.size();
  }

  /** Removes all items in order of arrival within each client. */
  List<T> clear() {
    List<T> all = clients.values().stream().flatMap(Deque::stream).toList();
    clients.clear();
    size = 0;
    return all;
  }
}
