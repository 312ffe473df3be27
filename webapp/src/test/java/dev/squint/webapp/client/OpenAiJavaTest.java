package dev.squint.webapp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionUserMessageParam;
import dev.squint.webapp.RunningServer;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** OpenAI's own client for Java. */
class OpenAiJavaTest {

  private static final String NAME = "openai-java";

  private final RunningServer server = RunningServer.shared();
  private final OpenAIClient client = client(server, "none");

  private static OpenAIClient client(RunningServer server, String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.url("/v1"))
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  private static ChatCompletionCreateParams.Builder hello(long tokens) {
    return ChatCompletionCreateParams.builder()
        .model("tiled")
        .maxCompletionTokens(tokens)
        .addUserMessage("Hello");
  }

  @Test
  void plain() {
    ChatCompletion answer = client.chat().completions().create(hello(4).build());
    assertThat(answer.choices().get(0).message().content()).isPresent();
    assertThat(answer.usage().orElseThrow().completionTokens()).isBetween(1L, 4L);
    ClientTable.works(NAME, "plain", answer.usage().orElseThrow().totalTokens() + " tokens");
  }

  @Test
  void streaming() {
    ChatCompletionCreateParams request =
        hello(4)
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    StringBuilder text = new StringBuilder();
    long[] tokens = new long[1];
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(request)) {
      chunks.stream()
          .forEach(
              chunk -> {
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append));
                chunk.usage().ifPresent(usage -> tokens[0] = usage.totalTokens());
              });
    }
    ChatCompletion whole = client.chat().completions().create(hello(4).build());
    assertThat(text.toString()).isEqualTo(whole.choices().get(0).message().content().orElseThrow());
    assertThat(tokens[0]).isEqualTo(whole.usage().orElseThrow().totalTokens());
    ClientTable.works(NAME, "streaming", "the pieces are the answer, and the usage comes");
  }

  // The only way to fields that OpenAI's own service does not have.
  @SuppressWarnings("deprecation")
  @Test
  void picture() {
    ChatCompletionContentPart picture =
        ChatCompletionContentPart.ofImageUrl(
            ChatCompletionContentPartImage.builder()
                .imageUrl(
                    ChatCompletionContentPartImage.ImageUrl.builder()
                        .url(RunningServer.dataUrl("shapes.png"))
                        .build())
                .build());
    ChatCompletionContentPart question =
        ChatCompletionContentPart.ofText(
            ChatCompletionContentPartText.builder().text("What is this?").build());
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model("tiled")
                    .maxCompletionTokens(1)
                    .addUserMessageOfArrayOfContentParts(List.of(picture, picture, question))
                    .putAdditionalBodyProperty(
                        "visual_pruning",
                        JsonValue.from(Map.of("method", "uniform-grid", "keep_ratio", 0.5)))
                    .build());
    Map<?, ?> squint = answer._additionalProperties().get("squint").convert(Map.class);
    Map<?, ?> tokens = (Map<?, ?>) squint.get("visual_tokens");
    int total = ((Number) tokens.get("total")).intValue();
    assertThat(tokens.get("kept")).isEqualTo(total / 2);
    ClientTable.works(NAME, "two pictures, half of their tokens", tokens.toString());
  }

  /** The client knows no videos; a message can hold any JSON, which the compiler cannot check. */
  @SuppressWarnings({"deprecation", "unchecked"})
  @Test
  void video() {
    JsonValue content =
        JsonValue.from(
            List.of(
                Map.of(
                    "type",
                    "video_url",
                    "video_url",
                    Map.of("url", RunningServer.clipUrl("shape-moves.mp4"), "frames", 4)),
                Map.of("type", "text", "text", "Which way does the circle move?")));
    ChatCompletion answer =
        client(RunningServer.trained(), "none")
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model("tiny-vlm")
                    .addMessage(ChatCompletionUserMessageParam.builder().content(content).build())
                    .build());
    assertThat(answer.choices().get(0).message().content()).contains("right");
    Map<?, ?> squint = answer._additionalProperties().get("squint").convert(Map.class);
    ClientTable.works(
        NAME, "video", "as JSON of one's own: " + squint.get("visual_tokens") + " in 4 frames");
  }

  @Test
  void cancel() throws InterruptedException {
    RunningServer endless = RunningServer.endless();
    endless.awaitIdle();
    try (StreamResponse<ChatCompletionChunk> chunks =
        client(endless, "none")
            .chat()
            .completions()
            .createStreaming(hello(100_000).model("never-stops").build())) {
      Iterator<ChatCompletionChunk> pieces = chunks.stream().iterator();
      for (int i = 0; i < 3; i++) {
        assertThat(pieces.next().choices()).isNotEmpty();
      }
    }
    ClientTable.works(NAME, "cancel", ClientTable.assertGivenUp(endless));
  }

  @Test
  void errors() {
    assertThatThrownBy(() -> client.chat().completions().create(hello(4).model("other").build()))
        .isInstanceOf(NotFoundException.class)
        .satisfies(
            e ->
                assertThat(((OpenAIServiceException) e).code().orElseThrow())
                    .isEqualTo("model_not_found"));
    assertThatThrownBy(() -> client.chat().completions().create(hello(4).n(3L).build()))
        .isInstanceOf(BadRequestException.class);
    assertThat(
            catchThrowableOfType(
                    OpenAIServiceException.class,
                    () ->
                        client
                            .chat()
                            .completions()
                            .create(hello(4).addUserMessage("x".repeat(20_000)).build()))
                .statusCode())
        .isEqualTo(413);
    assertThatThrownBy(
            () ->
                client(RunningServer.strict(), "wrong")
                    .chat()
                    .completions()
                    .create(hello(4).build()))
        .isInstanceOf(UnauthorizedException.class);
    ClientTable.works(NAME, "errors", "400 BadRequest, 401 Unauthorized, 404 NotFound, 413");
  }

  @Test
  void busy() throws Exception {
    RunningServer endless = RunningServer.endless();
    ClientTable.whileBusy(
        endless,
        () ->
            assertThatThrownBy(
                    () ->
                        client(endless, "none")
                            .chat()
                            .completions()
                            .create(hello(1).model("never-stops").build()))
                .isInstanceOfSatisfying(
                    RateLimitException.class,
                    e ->
                        assertThat(e.headers().values("Retry-After").get(0)).matches("[1-9]\\d*")));
    ClientTable.works(NAME, "busy", "429 RateLimit with Retry-After");
  }
}
