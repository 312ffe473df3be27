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

/** Server-sent events of JSON that show while nothing happens that the server is alive. */
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

  /** An event that holds JSON, with a name or without. */
  public ServerSentEvent<String> event(@Nullable String name, Object data) {
    return event(name, json.writeValueAsString(data));
  }

  /** An event that holds a text, with a name or without. */
  public ServerSentEvent<String> event(@Nullable String name, String data) {
    // The space is optional, but simple clients look for it.
    ServerSentEvent.Builder<String> event = ServerSentEvent.builder(" " + data);
    return (name == null ? event : event.event(" " + name)).build();
  }

  /**
   * A response of these events. If the first thing that happens is a failure, it is an ordinary
   * response with a status of its own; later ones are the last event.
   *
   * @param lastEvent writes a failure
   */
  public ResponseEntity<Flux<ServerSentEvent<String>>> of(
      Flux<ServerSentEvent<String>> events, Function<Failure, ServerSentEvent<String>> lastEvent) {
    Flux<ServerSentEvent<String>> alive =
        events.publish(
            shared ->
                Flux.merge(
                    shared,
                    Flux.interval(heartbeat)
                        .onBackpressureDrop()
                        .map(tick -> HEARTBEAT)
                        .takeUntilOther(shared.ignoreElements())));
    Flux<ServerSentEvent<String>> toldOfFailures =
        alive.switchOnFirst(
            (first, all) ->
                first.isOnError()
                    ? all
                    : all.onErrorResume(error -> Flux.just(lastEvent.apply(Failure.of(error)))));
    return ResponseEntity.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("Cache-Control", "no-store")
        // Proxies of the nginx kind would collect the events otherwise.
        .header("X-Accel-Buffering", "no")
        .body(toldOfFailures);
  }
}
