package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import tools.jackson.databind.json.JsonMapper;

/** Server-sent events of JSON, with heartbeat comments while there is no event. */
@Component
public final class EventStream {

  private static final ServerSentEvent<String> HEARTBEAT =
      ServerSentEvent.<String>builder().comment(" working").build();

  private final JsonMapper json;
  private final Duration heartbeat;

  EventStream(JsonMapper json, ServerSettings settings) {
    this.json = json;
    this.heartbeat = settings.work().heartbeat();
  }

  /** An event with JSON as data and an optional name. */
  public ServerSentEvent<String> event(@Nullable String name, Object data) {
    return event(name, json.writeValueAsString(data));
  }

  /** An event with a text as data and an optional name. */
  public ServerSentEvent<String> event(@Nullable String name, String data) {
    // The space is optional, but simple clients expect it.
    ServerSentEvent.Builder<String> event = ServerSentEvent.builder(" " + data);
    return (name == null ? event : event.event(" " + name)).build();
  }

  /**
   * A response with the events of these items. An error before the first event is an ordinary
   * response with its own status. A later error is the last event.
   *
   * @param writer of this response alone
   */
  public <T> ResponseEntity<Flux<ServerSentEvent<String>>> of(
      Flux<T> items, EventWriter<T> writer) {
    Flux<ServerSentEvent<String>> events =
        items
            .index()
            .concatMapIterable(
                item -> {
                  List<ServerSentEvent<String>> ofItem = new ArrayList<>();
                  if (item.getT1() == 0) {
                    ofItem.addAll(writer.start());
                  }
                  ofItem.addAll(writer.events(item.getT2()));
                  return ofItem;
                });
    Flux<ServerSentEvent<String>> alive =
        events.publish(
            shared ->
                Flux.merge(
                    shared,
                    Flux.interval(heartbeat)
                        .onBackpressureDrop()
                        .map(tick -> HEARTBEAT)
                        .takeUntilOther(shared.ignoreElements())));
    Flux<ServerSentEvent<String>> withErrors =
        alive.switchOnFirst(
            (first, all) ->
                first.isOnError()
                    ? all
                    : all.onErrorResume(error -> Flux.just(writer.error(ApiError.of(error)))));
    return ResponseEntity.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("Cache-Control", "no-store")
        // Otherwise nginx and similar proxies buffer the events.
        .header("X-Accel-Buffering", "no")
        .body(withErrors);
  }
}
