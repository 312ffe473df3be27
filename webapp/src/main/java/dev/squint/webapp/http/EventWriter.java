package dev.squint.webapp.http;

import java.util.List;
import org.springframework.http.codec.ServerSentEvent;

/**
 * Writes the items of one response as the server-sent events of an API.
 *
 * @param <T> type of the items
 */
public interface EventWriter<T> {

  /** The events before those of the first item. */
  default List<ServerSentEvent<String>> start() {
    return List.of();
  }

  /** The events of an item. */
  List<ServerSentEvent<String>> events(T item);

  /** The last event, when an error ends the response. */
  ServerSentEvent<String> error(ApiError error);
}
