package dev.squint.webapp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.squint.webapp.RunningServer;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** langchain4j, whose HTTP client is the JDK's. */
class LangChain4jTest {

  private static final String NAME = "langchain4j";

  private final RunningServer server = RunningServer.shared();

  private static OpenAiChatModel model(RunningServer server, String key, String model) {
    return OpenAiChatModel.builder()
        .baseUrl(server.url("/v1"))
        .apiKey(key)
        .modelName(model)
        .maxTokens(4)
        .maxRetries(0)
        .build();
  }

  private static OpenAiStreamingChatModel streaming(
      RunningServer server, String model, int tokens) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(server.url("/v1"))
        .apiKey("none")
        .modelName(model)
        .maxTokens(tokens)
        .build();
  }

  @Test
  void plain() {
    ChatResponse answer = model(server, "none", "tiled").chat(UserMessage.from("Hello"));
    assertThat(answer.aiMessage().text()).isNotNull();
    assertThat(answer.tokenUsage().outputTokenCount()).isBetween(1, 4);
    ClientTable.works(NAME, "plain", answer.tokenUsage().totalTokenCount() + " tokens");
  }

  @Test
  void streaming() throws Exception {
    StringBuilder text = new StringBuilder();
    CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
    streaming(server, "tiled", 4)
        .chat(
            "Hello",
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String piece) {
                text.append(piece);
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
              }

              @Override
              public void onError(Throwable error) {
                whole.completeExceptionally(error);
              }
            });
    ChatResponse answer = whole.get(20, TimeUnit.SECONDS);
    assertThat(text.toString()).isEqualTo(answer.aiMessage().text());
    assertThat(answer.tokenUsage().outputTokenCount()).isBetween(1, 4);
    ClientTable.works(NAME, "streaming", "the pieces are the answer, and the usage comes");
  }

  @Test
  void picture() {
    String base64 = Base64.getEncoder().encodeToString(RunningServer.picture("shapes.png"));
    int without =
        model(server, "none", "tiled")
            .chat(UserMessage.from("What is this?"))
            .tokenUsage()
            .inputTokenCount();
    int with =
        model(server, "none", "tiled")
            .chat(
                UserMessage.from(
                    ImageContent.from(base64, "image/png"), TextContent.from("What is this?")))
            .tokenUsage()
            .inputTokenCount();
    assertThat(with).isGreaterThan(without + 20);
    ClientTable.works(NAME, "picture", (with - without) + " more tokens in the prompt");
  }

  @Test
  void videoAsFrames() {
    String frame = Base64.getEncoder().encodeToString(RunningServer.picture("clip-0.png"));
    int tokens =
        model(server, "none", "tiled")
            .chat(
                UserMessage.from(
                    VideoContent.from("data:video/jpeg;base64," + frame + "," + frame),
                    TextContent.from("What moves?")))
            .tokenUsage()
            .inputTokenCount();
    assertThat(tokens).isGreaterThan(40);
    ClientTable.works(NAME, "video of two frames", tokens + " tokens in the prompt");
  }

  @Test
  void video() {
    String base64 = Base64.getEncoder().encodeToString(RunningServer.clip("shape-moves.mp4"));
    ChatResponse answer =
        model(RunningServer.trained(), "none", "tiny-vlm")
            .chat(
                UserMessage.from(
                    VideoContent.from(base64, "video/mp4"),
                    TextContent.from("Which way does the circle move?")));
    assertThat(answer.aiMessage().text()).isEqualTo("right");
    ClientTable.works(
        NAME, "video", answer.tokenUsage().inputTokenCount() + " tokens in the prompt");
  }

  @Test
  void busy() throws Exception {
    RunningServer endless = RunningServer.endless();
    ClientTable.whileBusy(
        endless,
        () ->
            assertThatThrownBy(() -> model(endless, "none", "never-stops").chat("Hello"))
                .isInstanceOf(RateLimitException.class)
                .hasMessageContaining("server_busy"));
    OpenAiChatModel patient =
        OpenAiChatModel.builder()
            .baseUrl(endless.url("/v1"))
            .apiKey("none")
            .modelName("never-stops")
            .maxTokens(4)
            .maxRetries(8)
            .build();
    CompletableFuture<String> late = new CompletableFuture<>();
    ClientTable.whileBusy(
        endless,
        () -> {
          late.completeAsync(() -> patient.chat("Hello"));
          Thread.sleep(300);
          assertThat(late).isNotDone();
        });
    assertThat(late.get(30, TimeUnit.SECONDS)).isNotNull();
    ClientTable.works(
        NAME, "busy", "429 RateLimit; tries again by its own clock, without reading Retry-After");
  }

  @Test
  void cancel() throws InterruptedException {
    RunningServer endless = RunningServer.endless();
    endless.awaitIdle();
    CountDownLatch pieces = new CountDownLatch(3);
    streaming(endless, "never-stops", 100_000)
        .chat(
            "Go on.",
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                pieces.countDown();
                if (pieces.getCount() == 0) {
                  context.streamingHandle().cancel();
                }
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {}

              @Override
              public void onError(Throwable error) {}
            });
    assertThat(pieces.await(20, TimeUnit.SECONDS)).isTrue();
    ClientTable.works(NAME, "cancel", ClientTable.assertGivenUp(endless));
  }

  @Test
  void errors() {
    assertThatThrownBy(() -> model(server, "none", "other").chat("Hello"))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("model_not_found");
    assertThatThrownBy(() -> model(server, "none", "tiled").chat("x".repeat(20_000)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("prompt_too_long");
    assertThatThrownBy(() -> model(RunningServer.strict(), "wrong", "tiled").chat("Hello"))
        .isInstanceOf(AuthenticationException.class);
    ClientTable.works(NAME, "errors", "401 Authentication, 404 ModelNotFound, 413 InvalidRequest");
  }
}
