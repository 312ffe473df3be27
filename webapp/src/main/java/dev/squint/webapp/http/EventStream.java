package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.time.Duration;
import java.util.function.Function;
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
   * A response of these events. An error before the first event is an ordinary response with its
   * own status. A later error is the last event.
   *
   * @param lastEvent makes the event of an error
   */
  public ResponseEntity<Flux<ServerSentEvent<String>>> of(
      Flux<ServerSentEvent<String>> events, Function<ApiError, ServerSentEvent<String>> lastEvent) {
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
                    : all.onErrorResume(error -> Flux.just(lastEvent.apply(ApiError.of(error)))));
    return ResponseEntity.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("Cache-Control", "no-store")
        // Otherwise nginx and similar proxies buffer the events.
        .header("X-Accel-Buffering", "no")
        .body(withErrors);
  }
}
