package dev.squint.webapp.ask;

import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.ServedModel;
import dev.squint.webapp.http.EventStream;
import dev.squint.webapp.http.NativeError;
import dev.squint.webapp.http.RequestContext;
import dev.squint.webapp.model.AnswerService;
import dev.squint.webapp.model.ModelRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Squint's own API. */
@RestController
@RequestMapping("/api")
final class AskController {

  private static final String EXAMPLE =
      """
      {"text":"circle","model":"tiny-vlm","finish_reason":"stop","prompt_tokens":48,"completion_tokens":1,
       "plan":"encoder:divprune(keep=0.25)","tiles":{"total":1,"encoded":1},"visual_tokens":{"total":144,"encoded":144,"kept":36},
       "stages":[{"point":"encoder","before":144,"after":36}],"reused_tokens":0,
       "prefill_runs":[{"first_layer":0,"end_layer":8,"tokens":48,"visual_tokens":36}],"prune_operations":1492992,"kv_bytes":200704,
       "timings_ms":{"queue":0.1,"read":1.9,"preprocess":0.7,"encode":12.5,"cached_encode":0,"prune":1.1,"prefill":9.4,"cached_prefill":0,"decode":2.8,"first_token":23.8,"total":26.5},
       "notes":[]}
      """;

  private static final String METHODS =
      """
      [{"name":"divprune","summary":"tokens that differ most","points":["encoder"],"budget":"exact",
        "needs_budget":true,"paper":"DivPrune, arXiv 2503.02175","faithfulness":"the authors' code",
        "works":true,"works_at":["encoder"]}]
      """;

  private static final String MODELS =
      """
      [{"id":"tiny-vlm","family":"idefics3","hidden_size":192,"context":4096,
        "limits":{"pictures":8,"frames":64,"tokens":512,"clip_bytes":16777216,"clip_seconds":600.0},
        "presets":[{"name":"exact","plan":"none"},
          {"name":"fast","plan":"encoder:divprune(keep=0.25)",
           "measured":{"questions":1000,"accuracy":88.0,"accuracy_all":92.7,"agreement":89.4,"sooner":1.52}}],
        "notice":"This is a demonstration model: ..."}]
      """;

  private static final String ERROR =
      """
      {"status":400,"title":"Bad Request","detail":"the form needs a field 'question'",
       "code":"invalid_value","param":"question"}
      """;

  private final FormBody forms;
  private final AskReader reader;
  private final AnswerService answers;
  private final EventStream streams;
  private final ModelRegistry models;
  private final ServerSettings settings;
  private final Presets presets;
  // To list the methods takes a second, so each model's list is made once.
  private final Map<ServedModel, List<MethodCard>> methods =
      Collections.synchronizedMap(new WeakHashMap<>());

  AskController(
      FormBody forms,
      AskReader reader,
      AnswerService answers,
      EventStream streams,
      ModelRegistry models,
      ServerSettings settings,
      Presets presets) {
    this.forms = forms;
    this.reader = reader;
    this.answers = answers;
    this.streams = streams;
    this.models = models;
    this.settings = settings;
    this.presets = presets;
  }

  /** Lists the methods of plans, and whether this model supports them. */
  @Operation(summary = "List the pruning methods")
  @ApiResponse(
      responseCode = "200",
      useReturnTypeSchema = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              examples = @ExampleObject(METHODS)))
  @GetMapping(value = "/methods", produces = MediaType.APPLICATION_JSON_VALUE)
  Mono<List<MethodCard>> methods(@RequestParam(required = false) @Nullable String model) {
    return Mono.usingWhen(
        models.acquire(model),
        lease ->
            Mono.fromSupplier(
                    () ->
                        methods.computeIfAbsent(
                            lease.model(), served -> MethodCard.all(served.model())))
                .subscribeOn(Schedulers.boundedElastic()),
        lease -> Mono.fromRunnable(lease.release()));
  }

  /** Lists the models, the default first. */
  @Operation(summary = "List the models")
  @ApiResponse(
      responseCode = "200",
      useReturnTypeSchema = true,
      content =
          @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, examples = @ExampleObject(MODELS)))
  @GetMapping(value = "/models", produces = MediaType.APPLICATION_JSON_VALUE)
  Mono<List<ListedModel>> models() {
    // An encode replica may be asked whether it supports a preset.
    return Mono.fromSupplier(
            () ->
                models.list((id, served) -> ListedModel.of(id, served, settings.limits(), presets)))
        .subscribeOn(Schedulers.boundedElastic());
  }

  /** Answers a question about pictures and clips, as JSON or as events. */
  @Operation(
      summary = "Ask about pictures and clips",
      description =
          "For clips, 'clips' of the answer lists the frames that were read and those that the plan kept. With 'Accept: text/event-stream' the answer is a stream of events: 'text' with each piece, then 'answer' with the whole answer, or 'error'.")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.MULTIPART_FORM_DATA_VALUE,
              schema = @Schema(implementation = AskForm.class)))
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = AskAnswer.class),
              examples = @ExampleObject(EXAMPLE)))
  @ApiResponse(
      responseCode = "4XX",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = NativeError.class),
              examples = @ExampleObject(ERROR)))
  @PostMapping(
      value = "/ask",
      consumes = MediaType.MULTIPART_FORM_DATA_VALUE,
      produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.TEXT_EVENT_STREAM_VALUE})
  Mono<ResponseEntity<?>> ask(@Parameter(hidden = true) ServerWebExchange exchange) {
    RequestContext context = RequestContext.of(exchange);
    boolean streamed =
        exchange.getRequest().getHeaders().getAccept().stream()
            .anyMatch(type -> type.equalsTypeAndSubtype(MediaType.TEXT_EVENT_STREAM));
    return answers
        .receive(context, forms.read(exchange))
        .flatMap(
            form ->
                new AskFormat(streams)
                    .response(
                        answers.answer(exchange, form.text("model"), served -> reader.read(form)),
                        streamed));
  }
}
