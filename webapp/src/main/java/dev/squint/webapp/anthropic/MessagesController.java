package dev.squint.webapp.anthropic;

import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.openai.ChatAnswers;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
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

  private final ChatAnswers answers;
  private final EventStream streams;

  MessagesController(ChatAnswers answers, EventStream streams) {
    this.answers = answers;
    this.streams = streams;
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
    return answers.answer(
        exchange,
        MessagesRequest.FIELDS,
        MessagesRequest.class,
        (request, model) -> MessagesFormat.of(streams, model));
  }
}
