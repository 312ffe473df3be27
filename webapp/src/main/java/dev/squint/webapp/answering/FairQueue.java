package dev.squint.webapp.answering;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue that serves clients in turn (round robin) and keeps the order within a client. Not
 * thread-safe.
 */
final class FairQueue<T> {

  // The client that was served last is at the end.
  private final Map<String, Deque<T>> clients = new LinkedHashMap<>();
  private int size;

  int size() {
    return size;
  }

  void add(String client, T item) {
    clients.computeIfAbsent(client, name -> new ArrayDeque<>()).addLast(item);
    size++;
  }

  /** Removes the first item of the next client whose first item can start; null if none can. */
  @Nullable T poll(Predicate<? super T> canStart) {
    Optional<Map.Entry<String, Deque<T>>> next =
        clients.entrySet().stream()
            .filter(entry -> canStart.test(entry.getValue().getFirst()))
            .findFirst();
    if (next.isEmpty()) {
      return null;
    }
    String client = next.get().getKey();
    Deque<T> items = next.get().getValue();
    T item = items.removeFirst();
    size--;
    clients.remove(client);
    if (!items.isEmpty()) {
      clients.put(client, items);
    }
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
