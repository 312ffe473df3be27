package dev.squint.webapp.openai;

import dev.squint.webapp.answering.AnswerEvent;
import dev.squint.webapp.answering.AnswerEvent.Finished;
import dev.squint.webapp.answering.AnswerEvent.Piece;
import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.JsonBody;
import dev.squint.webapp.http.RequestContext;
import dev.squint.webapp.model.AnswerService;
import dev.squint.webapp.model.ModelRegistry;
import dev.squint.webapp.openai.ResponseDocument.OutputText;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import java.util.ArrayList;
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

/** OpenAI's responses, without state on the server. */
@RestController
final class ResponsesController {

  private static final String EXAMPLE =
      """
      {"input":[{"role":"user","content":[
         {"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo..."},
         {"type":"input_text","text":"What shape is the red object?"}]}],"max_output_tokens":64}
      """;

  private static final String ANSWER =
      """
      {"id":"resp_0f8fad5b","object":"response","created_at":1760000000,"status":"completed","model":"tiny-vlm",
       "output":[{"type":"message","id":"msg_0f8fad5b","status":"completed","role":"assistant",
         "content":[{"type":"output_text","text":"circle","annotations":[]}]}],
       "usage":{"input_tokens":156,"output_tokens":1,"total_tokens":157}}
      """;

  private final JsonBody bodies;
  private final ChatReader reader;
  private final AnswerService answers;
  private final EventStream streams;
  private final ModelRegistry models;

  ResponsesController(
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

  /** Answers the input. */
  @Operation(summary = "Answer an input (OpenAI's responses)")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = ResponsesRequest.class),
              examples = @ExampleObject(EXAMPLE)))
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = ResponseDocument.class),
              examples = @ExampleObject(ANSWER)))
  @PostMapping(value = "/v1/responses", consumes = MediaType.APPLICATION_JSON_VALUE)
  Mono<ResponseEntity<?>> respond(@Parameter(hidden = true) ServerWebExchange exchange) {
    RequestContext context = RequestContext.of(exchange);
    return answers
        .receive(context, bodies.read(exchange, ResponsesRequest.FIELDS, ResponsesRequest.class))
        .flatMap(request -> respond(request, context));
  }

  private Mono<ResponseEntity<?>> respond(ResponsesRequest request, RequestContext context) {
    ChatRequest chat = request.toChat();
    String random = UUID.randomUUID().toString().replace("-", "");
    ResponseDocument.Ids ids =
        new ResponseDocument.Ids(
            "resp_" + random,
            "msg_" + random,
            Instant.now().getEpochSecond(),
            models.id(chat.model()));
    Flux<AnswerEvent> answer =
        answers.answer(context, ids.model(), served -> reader.read(chat, served));
    if (Boolean.TRUE.equals(request.stream())) {
      Events events = new Events(ids);
      return Mono.just(
          streams.of(
              events.of(answer),
              error ->
                  events.event("error", Map.of("code", error.code(), "message", error.message()))));
    }
    return answer
        .ofType(Finished.class)
        .next()
        .map(
            finished ->
                ResponseEntity.ok()
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(ids.finished(finished)));
  }

  /** The numbered events of one answer. */
  private final class Events {

    private final ResponseDocument.Ids ids;
    private int number;

    Events(ResponseDocument.Ids ids) {
      this.ids = ids;
    }

    Flux<ServerSentEvent<String>> of(Flux<AnswerEvent> answer) {
      return answer.index().concatMapIterable(each -> events(each.getT1() == 0, each.getT2()));
    }

    private List<ServerSentEvent<String>> events(boolean first, AnswerEvent event) {
      List<ServerSentEvent<String>> all = new ArrayList<>();
      if (first) {
        all.add(event("response.created", Map.of("response", ids.started())));
        all.add(event("response.in_progress", Map.of("response", ids.started())));
        all.add(
            event(
                "response.output_item.added",
                Map.of("output_index", 0, "item", ids.item("in_progress", List.of()))));
        all.add(part("response.content_part.added", "part", OutputText.of("")));
      }
      if (event instanceof Piece piece) {
        all.add(part("response.output_text.delta", "delta", piece.text()));
        return all;
      }
      Finished finished = (Finished) event;
      ResponseDocument whole = ids.finished(finished);
      all.add(part("response.output_text.done", "text", finished.text()));
      all.add(part("response.content_part.done", "part", OutputText.of(finished.text())));
      all.add(
          event(
              "response.output_item.done",
              Map.of("output_index", 0, "item", whole.output().get(0))));
      all.add(event("response." + whole.status(), Map.of("response", whole)));
      return all;
    }

    private ServerSentEvent<String> part(String type, String name, Object value) {
      return event(
          type,
          Map.of("item_id", ids.message(), "output_index", 0, "content_index", 0, name, value));
    }

    ServerSentEvent<String> event(String type, Map<String, ?> fields) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("type", type);
      data.put("sequence_number", number++);
      data.putAll(fields);
      return streams.event(type, data);
    }
  }
}
