package dev.squint.webapp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import dev.squint.webapp.RunningServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

/** Spring AI. */
class SpringAiTest {

  private static final String NAME = "Spring AI";

  private final RunningServer server = RunningServer.shared();

  private static OpenAiChatModel model(RunningServer server, String key, String model, int tokens) {
    OpenAiChatOptions.Builder options = OpenAiChatOptions.builder();
    options.baseUrl(server.url("/v1"));
    options.apiKey(key);
    options.model(model);
    options.maxTokens(tokens);
    options.maxRetries(0);
    return OpenAiChatModel.builder().options(options.build()).build();
  }

  @Test
  void plain() {
    ChatResponse answer = model(server, "none", "tiled", 4).call(new Prompt("Hello"));
    assertThat(answer.getResult().getOutput().getText()).isNotNull();
    assertThat(answer.getMetadata().getUsage().getCompletionTokens()).isBetween(1, 4);
    ClientTable.works(NAME, "plain", answer.getMetadata().getUsage().getTotalTokens() + " tokens");
  }

  @Test
  void streaming() {
    OpenAiChatModel model = model(server, "none", "tiled", 4);
    List<ChatResponse> pieces = model.stream(new Prompt("Hello")).collectList().block();
    StringBuilder text = new StringBuilder();
    for (ChatResponse piece : pieces) {
      if (piece.getResult() != null && piece.getResult().getOutput().getText() != null) {
        text.append(piece.getResult().getOutput().getText());
      }
    }
    assertThat(text.toString())
        .isEqualTo(model.call(new Prompt("Hello")).getResult().getOutput().getText());
    ClientTable.works(NAME, "streaming", "the pieces are the answer");
  }

  @Test
  void picture() {
    OpenAiChatModel model = model(server, "none", "tiled", 1);
    UserMessage message =
        UserMessage.builder()
            .text("What is this?")
            .media(
                new Media(
                    MimeTypeUtils.IMAGE_PNG,
                    new ByteArrayResource(RunningServer.picture("shapes.png"))))
            .build();
    int with = promptTokens(model, new Prompt(message));
    int without = promptTokens(model, new Prompt("What is this?"));
    assertThat(with).isGreaterThan(without + 20);
    ClientTable.works(NAME, "picture", (with - without) + " more tokens in the prompt");
  }

  /** The client writes videos as text; only what is called a picture it sends as a file. */
  @Test
  void video() {
    UserMessage message =
        UserMessage.builder()
            .text("Which way does the circle move?")
            .media(
                new Media(
                    MimeTypeUtils.IMAGE_PNG,
                    new ByteArrayResource(RunningServer.clip("shape-moves.mp4"))))
            .build();
    ChatResponse answer =
        model(RunningServer.trained(), "none", "tiny-vlm", 8).call(new Prompt(message));
    assertThat(answer.getResult().getOutput().getText()).isEqualTo("right");
    ClientTable.works(
        NAME, "video", "only under the name of a picture; the server knows it by its content");
  }

  @Test
  void busy() throws Exception {
    RunningServer endless = RunningServer.endless();
    ClientTable.whileBusy(
        endless,
        () ->
            assertThatThrownBy(
                    () -> model(endless, "none", "never-stops", 1).call(new Prompt("Hello")))
                .isInstanceOfSatisfying(
                    RateLimitException.class,
                    e ->
                        assertThat(e.headers().values("Retry-After").get(0)).matches("[1-9]\\d*")));
    ClientTable.works(NAME, "busy", "429 RateLimit with Retry-After");
  }

  private static int promptTokens(OpenAiChatModel model, Prompt prompt) {
    return model.call(prompt).getMetadata().getUsage().getPromptTokens();
  }

  @Test
  void cancel() throws InterruptedException {
    RunningServer endless = RunningServer.endless();
    endless.awaitIdle();
    List<ChatResponse> pieces =
        model(endless, "none", "never-stops", 100_000).stream(new Prompt("Go on."))
            .take(3)
            .collectList()
            .block();
    assertThat(pieces).hasSize(3);
    ClientTable.works(NAME, "cancel", ClientTable.assertGivenUp(endless));
  }

  @Test
  void errors() {
    assertThatThrownBy(() -> model(server, "none", "other", 1).call(new Prompt("Hello")))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(
            () -> model(RunningServer.strict(), "wrong", "tiled", 1).call(new Prompt("Hello")))
        .isInstanceOf(UnauthorizedException.class);
    ClientTable.works(NAME, "errors", "401 Unauthorized, 404 NotFound");
  }
}
