package dev.squint.webapp.ollama;

import static dev.squint.webapp.http.FieldRules.nothing;
import static dev.squint.webapp.http.FieldRules.number;
import static dev.squint.webapp.http.FieldRules.text;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.squint.webapp.answering.SamplingFields;
import dev.squint.webapp.http.ApiException;
import dev.squint.webapp.http.FieldRules;
import dev.squint.webapp.openai.ChatBody;
import dev.squint.webapp.openai.ChatFields;
import dev.squint.webapp.openai.ChatRequest;
import dev.squint.webapp.openai.ChatRequest.ChatMessage;
import dev.squint.webapp.openai.ChatRequest.ContentPart;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /api/chat} and {@code POST /api/generate}, as far as Squint supports it.
 *
 * @param model id of the model; absent for the default
 * @param messages the conversation of a chat
 * @param prompt the question of a generation
 * @param system a system message before the prompt
 * @param images pictures of the prompt in base64
 * @param stream whether to send the answer piece by piece; the default is true
 * @param options how the tokens are chosen
 * @param visualPruning Squint's extension, as in a chat request
 */
@JsonNaming(SnakeCaseStrategy.class)
record OllamaRequest(
    @Nullable String model,
    @Nullable List<InputMessage> messages,
    @Nullable String prompt,
    @Nullable String system,
    @Nullable List<String> images,
    @Nullable Boolean stream,
    @Nullable Options options,
    ChatRequest.@Nullable VisualPruning visualPruning)
    implements ChatBody {

  private static final String OMIT = "omit the field";

  private static final FieldRules OPTIONS =
      FieldRules.none()
          .known("temperature", "top_p", "top_k", "min_p", "seed", "num_predict", "stop")
          .known("repeat_penalty", "repeat_last_n")
          .ignored("num_ctx", "num_keep", "num_batch", "num_gpu", "main_gpu", "num_thread")
          .ignored("use_mmap", "numa")
          .unsupported("frequency_penalty", number(0), "send 0, or use repeat_penalty")
          .unsupported("presence_penalty", number(0), "send 0, or use repeat_penalty")
          .unsupported("typical_p", number(1), OMIT);

  private static FieldRules common() {
    return FieldRules.none()
        .known("model", "stream")
        .object("options", OPTIONS)
        .object("visual_pruning", ChatFields.VISUAL_PRUNING)
        .ignored("keep_alive")
        .unsupported("think", nothing(), "the models do not think; omit the field")
        .unsupported("format", text(""), "answers are text; omit the field");
  }

  static final FieldRules CHAT =
      common()
          .object(
              "messages",
              FieldRules.none()
                  .known("role", "content", "images")
                  .unsupported("tool_calls", nothing(), OMIT)
                  .unsupported("thinking", text(""), OMIT))
          .unsupported("tools", nothing(), "tools are not called; omit the field");

  static final FieldRules GENERATE =
      common()
          .known("prompt", "system", "images")
          .unsupported("suffix", text(""), OMIT)
          .unsupported("template", text(""), "the package's own template is used; omit the field")
          .unsupported("raw", nothing(), OMIT)
          .unsupported("context", nothing(), "use /api/chat for conversations");

  /** A message with pictures in base64. */
  record InputMessage(
      @Nullable String role, @Nullable String content, @Nullable List<String> images) {}

  /** How the tokens of an answer are chosen. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Options(
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Integer topK,
      @Nullable Double minP,
      @Nullable Double repeatPenalty,
      @Nullable Integer repeatLastN,
      @Nullable Long seed,
      @Nullable Integer numPredict,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<String> stop) {

    private static final Options NONE =
        new Options(null, null, null, null, null, null, null, null, null);

    private SamplingFields sampling() {
      return new SamplingFields(temperature, topP, topK, minP, null, penalty(), null, seed);
    }

    /** Ollama's penalty counts the last tokens alone, unless it is set to count all. */
    private @Nullable Double penalty() {
      boolean off = repeatLastN != null && repeatLastN == 0;
      boolean all = repeatLastN != null && repeatLastN == -1;
      if (repeatPenalty == null || repeatPenalty == 1 || all) {
        return repeatPenalty;
      }
      if (off) {
        return null;
      }
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "unsupported_value",
          "options.repeat_penalty",
          "options.repeat_penalty is supported over all tokens, not over the last ones: send repeat_last_n -1 with it, or a repeat_penalty of 1");
    }
  }

  @Override
  public boolean streamed() {
    return !Boolean.FALSE.equals(stream);
  }

  @Override
  public ChatRequest toChat() {
    List<ChatMessage> chat = new ArrayList<>();
    if (system != null) {
      chat.add(message("system", system, null));
    }
    if (prompt != null || images != null) {
      chat.add(message("user", prompt, images));
    }
    if (messages != null) {
      messages.forEach(
          message -> chat.add(message(message.role(), message.content(), message.images())));
    }
    Options chosen = options == null ? Options.NONE : options;
    Integer most = chosen.numPredict();
    return ChatRequest.of(
        model,
        chat,
        // Ollama's -1 and -2 mean no limit of its own.
        most != null && most < 0 ? Integer.valueOf(Integer.MAX_VALUE) : most,
        new ChatRequest.Draw(chosen.sampling(), chosen.stop()),
        new ChatRequest.Extensions(visualPruning, null));
  }

  private static ChatMessage message(
      @Nullable String role, @Nullable String text, @Nullable List<String> images) {
    List<ContentPart> parts = new ArrayList<>();
    if (images != null) {
      images.forEach(
          image ->
              parts.add(
                  ContentPart.ofPicture(
                      image.startsWith("data:") ? image : "data:image/*;base64," + image)));
    }
    if (text != null && !text.isEmpty()) {
      parts.add(ContentPart.ofText(text));
    }
    return new ChatMessage(role, parts);
  }
}
