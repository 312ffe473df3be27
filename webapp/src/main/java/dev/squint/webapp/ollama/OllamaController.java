package dev.squint.webapp.ollama;

import dev.squint.webapp.http.FieldRules;
import dev.squint.webapp.http.JsonBody;
import dev.squint.webapp.model.ModelRegistry;
import dev.squint.webapp.openai.ChatAnswers;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Ollama's API. Its clients send no key and take JSON lines, whatever the header says. */
@RestController
@RequestMapping("/api")
final class OllamaController {

  private final ChatAnswers answers;
  private final JsonBody bodies;
  private final ModelRegistry models;

  OllamaController(ChatAnswers answers, JsonBody bodies, ModelRegistry models) {
    this.answers = answers;
    this.bodies = bodies;
    this.models = models;
  }

  /** Answers the last message of a conversation. */
  @Operation(summary = "Answer a conversation (Ollama's chat)")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OllamaRequest.class),
              examples = @ExampleObject(OllamaExamples.CHAT)))
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OllamaAnswer.class),
              examples = @ExampleObject(OllamaExamples.CHAT_ANSWER)))
  @PostMapping("/chat")
  Mono<ResponseEntity<?>> chat(@Parameter(hidden = true) ServerWebExchange exchange) {
    return answer(exchange, OllamaRequest.CHAT, true);
  }

  /** Answers a prompt. */
  @Operation(summary = "Answer a prompt (Ollama's generate)")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OllamaRequest.class),
              examples = @ExampleObject(OllamaExamples.GENERATE)))
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OllamaAnswer.class),
              examples = @ExampleObject(OllamaExamples.GENERATE_ANSWER)))
  @PostMapping("/generate")
  Mono<ResponseEntity<?>> generate(@Parameter(hidden = true) ServerWebExchange exchange) {
    return answer(exchange, OllamaRequest.GENERATE, false);
  }

  private Mono<ResponseEntity<?>> answer(
      ServerWebExchange exchange, FieldRules fields, boolean chat) {
    return answers.answer(
        exchange, fields, OllamaRequest.class, (request, model) -> new OllamaFormat(chat));
  }

  /** Lists the models. */
  @Operation(summary = "List the models (Ollama's tags)")
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OllamaModels.Tags.class),
              examples = @ExampleObject(OllamaExamples.TAGS)))
  @GetMapping("/tags")
  OllamaModels.Tags tags() {
    return new OllamaModels.Tags(models.list(OllamaModels.Tag::of));
  }

  /** Describes one model. */
  @Operation(summary = "Describe a model (Ollama's show)")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OllamaModels.ShowRequest.class),
              examples = @ExampleObject(OllamaExamples.SHOW)))
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = OllamaModels.Description.class),
              examples = @ExampleObject(OllamaExamples.DESCRIPTION)))
  @PostMapping("/show")
  Mono<OllamaModels.Description> show(@Parameter(hidden = true) ServerWebExchange exchange) {
    FieldRules fields = FieldRules.none().known("model", "name").ignored("verbose");
    return bodies
        .read(exchange, fields, OllamaModels.ShowRequest.class)
        .flatMap(
            request -> models.acquire(request.model() == null ? request.name() : request.model()))
        .map(
            lease -> {
              lease.release().run();
              return OllamaModels.Description.of(lease.model());
            });
  }

  /** The version of Ollama's API that is spoken. */
  @Operation(summary = "Report a version (Ollama's version)")
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              examples = @ExampleObject(OllamaExamples.VERSION)))
  @GetMapping("/version")
  Map<String, String> version() {
    return Map.of("version", "0.12.0");
  }
}
