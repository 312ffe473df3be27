package dev.squint.webapp.anthropic;

import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerEvent.Piece;
import dev.squint.webapp.http.AnthropicError;
import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.JsonBody;
import dev.squint.webapp.http.RequestContext;
import dev.squint.webapp.model.AnswerService;
import dev.squint.webapp.model.ModelRegistry;
import dev.squint.webapp.openai.ChatReader;
import dev.squint.webapp.openai.ChatRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Anthropic's Messages API. */
@RestController
final class MessagesController {

  private static final String EXAMPLE =
      """
      {"max_tokens":64,"messages":[{"role":"user","content":[
         {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo..."}},
         {"type":"text","text":"What shape is the red object?"}]}]}
      """;

  private static final String ANSWER =
      """
      {"id":"msg_0f8fad5b","type":"message","role":"assistant","model":"tiny-vlm",
       "content":[{"type":"text","text":"circle"}],"stop_reason":"end_turn","stop_sequence":null,
       "usage":{"input_tokens":156,"output_tokens":1,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}}
      """;

  private final JsonBody bodies;
  private final ChatReader reader;
  private final AnswerService answers;
  private final EventStream streams;
  private final ModelRegistry models;

  MessagesController(
      JsonBody bodies,
      ChatReader reader,
      AnswerService answers,
      EventStream streams,
      ModelRegistry models) {
    this.bodies = bodies;
    this.reader = reader;
    this.answers = answers;
    this.streams = streams;
    this.models = models;
  }

  /** Answers the last message of a conversation. */
  @Operation(summary = "Answer a conversation (Anthropic's messages)")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = MessagesRequest.class),
              examples = @ExampleObject(EXAMPLE)))
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = AnthropicMessage.class),
              examples = @ExampleObject(ANSWER)))
  @PostMapping(value = "/v1/messages", consumes = MediaType.APPLICATION_JSON_VALUE)
  Mono<ResponseEntity<?>> complete(@Parameter(hidden = true) ServerWebExchange exchange) {
    RequestContext context = RequestContext.of(exchange);
    return answers
        .receive(context, bodies.read(exchange, MessagesRequest.FIELDS, MessagesRequest.class))
        .flatMap(request -> complete(request, context));
  }

  private Mono<ResponseEntity<?>> complete(MessagesRequest request, RequestContext context) {
    ChatRequest chat = request.toChat();
    String id = "msg_" + UUID.randomUUID().toString().replace("-", "");
    String model = models.id(chat.model());
    Flux<AnswerEvent> answer = answers.answer(context, model, served -> reader.read(chat, served));
    if (Boolean.TRUE.equals(request.stream())) {
      return Mono.just(
          streams.of(
              events(answer, AnthropicMessage.started(id, model)),
              error -> streams.event("error", AnthropicError.of(error))));
    }
    return answer
        .ofType(Finished.class)
        .next()
        .map(
            finished ->
                ResponseEntity.ok()
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(AnthropicMessage.of(id, finished)));
  }

  private Flux<ServerSentEvent<String>> events(Flux<AnswerEvent> answer, AnthropicMessage started) {
    return answer
        .concatMapIterable(this::events)
        .switchOnFirst(
            (first, all) ->
                first.hasValue()
                    ? all.startWith(
                        event("message_start", Map.of("message", started)),
                        event(
                            "content_block_start",
                            Map.of(
                                "index", 0, "content_block", Map.of("type", "text", "text", ""))))
                    : all);
  }

  private List<ServerSentEvent<String>> events(AnswerEvent event) {
    if (event instanceof Piece piece) {
      return List.of(
          event(
              "content_block_delta",
              Map.of("index", 0, "delta", Map.of("type", "text_delta", "text", piece.text()))));
    }
    Finished finished = (Finished) event;
    return List.of(
        event("content_block_stop", Map.of("index", 0)),
        event(
            "message_delta",
            Map.of(
                "delta",
                Map.of("stop_reason", AnthropicMessage.stopReason(finished)),
                "usage",
                AnthropicMessage.TokenUsage.of(finished),
                "squint",
                finished.measured())),
        event("message_stop", Map.of()));
  }

  private ServerSentEvent<String> event(String type, Map<String, ?> fields) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("type", type);
    data.putAll(fields);
    return streams.event(type, data);
  }
}
