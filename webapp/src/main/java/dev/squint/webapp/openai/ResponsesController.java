package dev.squint.webapp.openai;

import dev.squint.webapp.http.EventStream;
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

  private final ChatAnswers answers;
  private final EventStream streams;

  ResponsesController(ChatAnswers answers, EventStream streams) {
    this.answers = answers;
    this.streams = streams;
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
    return answers.answer(
        exchange,
        ResponsesRequest.FIELDS,
        ResponsesRequest.class,
        (request, model) -> ResponsesFormat.of(streams, model));
  }
}
