package dev.squint.webapp.openai;

import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.OpenAiError;
import dev.squint.webapp.model.ModelRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.time.Instant;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** OpenAI's chat completions and models. */
@RestController
@RequestMapping("/v1")
final class ChatController {

  private static final String EXAMPLE =
      """
      {"messages":[{"role":"user","content":[
         {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo..."}},
         {"type":"text","text":"What shape is the red object?"}]}],
       "max_tokens":64,"visual_pruning":{"method":"divprune","keep_ratio":0.25,"return_map":true}}
      """;

  private static final String CLIP_EXAMPLE =
      """
      {"messages":[{"role":"user","content":[
         {"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAAIGZ0eXA..."}},
         {"type":"text","text":"Which way does the circle move?"}]}],
       "video_sampling":{"frames":8,"from":0,"to":4},
       "visual_pruning":{"plan":"encoder:aim-merge(keep=0.25)"}}
      """;

  private static final String ANSWER =
      """
      {"id":"chatcmpl-0f8fad5b","object":"chat.completion","created":1760000000,"model":"tiny-vlm",
       "choices":[{"index":0,"message":{"role":"assistant","content":"circle","refusal":null},"logprobs":null,"finish_reason":"stop"}],
       "usage":{"prompt_tokens":48,"completion_tokens":1,"total_tokens":49,
         "prompt_tokens_details":{"cached_tokens":0}},
       "squint":{"plan":"encoder:divprune(keep=0.25)","tiles":{"total":1,"encoded":1},"visual_tokens":{"total":144,"encoded":144,"kept":36},
         "stages":[{"point":"encoder","before":144,"after":36}],"reused_tokens":0,
         "prefill_runs":[{"first_layer":0,"end_layer":8,"tokens":48,"visual_tokens":36}],"prune_operations":1492992,
         "kv_bytes":200704,"notes":[]}}
      """;

  private static final String ERROR =
      """
      {"error":{"message":"messages must have at least one message","type":"invalid_request_error",
       "param":"messages","code":"invalid_value"}}
      """;

  private static final String MODEL =
      """
      {"id":"tiny-vlm","object":"model","created":1760000000,"owned_by":"squint",
       "architecture":{"input_modalities":["text","image","video"],"output_modalities":["text"]}}
      """;

  private static final String MODELS = "{\"object\":\"list\",\"data\":[" + MODEL + "]}";

  private final ChatAnswers answers;
  private final EventStream streams;
  private final ModelRegistry models;
  private final long started = Instant.now().getEpochSecond();

  ChatController(ChatAnswers answers, EventStream streams, ModelRegistry models) {
    this.answers = answers;
    this.streams = streams;
    this.models = models;
  }

  /** Lists the models. */
  @Operation(summary = "List the models")
  @ApiResponse(
      responseCode = "200",
      useReturnTypeSchema = true,
      content =
          @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, examples = @ExampleObject(MODELS)))
  @GetMapping(value = "/models", produces = MediaType.APPLICATION_JSON_VALUE)
  ModelCard.Listing models() {
    return new ModelCard.Listing(
        "list",
        models.list((id, served) -> ModelCard.of(id, served == null ? started : served.created())));
  }

  /** Describes one model. */
  @Operation(summary = "Describe one model")
  @ApiResponse(
      responseCode = "200",
      useReturnTypeSchema = true,
      content =
          @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, examples = @ExampleObject(MODEL)))
  @GetMapping(value = "/models/{*id}", produces = MediaType.APPLICATION_JSON_VALUE)
  ModelCard model(@PathVariable String id) {
    return ModelCard.of(models.id(id.substring(1)), started);
  }

  /** Answers the last message of a conversation. */
  @Operation(
      summary = "Answer a conversation (OpenAI's chat completions)",
      description =
          "'visual_pruning' and 'video_sampling' in the request and 'squint' in the response are extensions; clients can ignore them.")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = ChatRequest.class),
              examples = {
                @ExampleObject(name = "picture", value = EXAMPLE),
                @ExampleObject(name = "clip", value = CLIP_EXAMPLE)
              }))
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = ChatCompletion.class),
              examples = @ExampleObject(ANSWER)))
  @ApiResponse(
      responseCode = "4XX",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OpenAiError.class),
              examples = @ExampleObject(ERROR)))
  @PostMapping(value = "/chat/completions", consumes = MediaType.APPLICATION_JSON_VALUE)
  Mono<ResponseEntity<?>> complete(@Parameter(hidden = true) ServerWebExchange exchange) {
    return answers.answer(
        exchange,
        ChatFields.REQUEST,
        ChatRequest.class,
        (request, model) -> ChatFormat.of(streams, request, model));
  }
}
