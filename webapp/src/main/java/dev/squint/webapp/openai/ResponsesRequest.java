package dev.squint.webapp.openai;

import static dev.squint.webapp.http.FieldRules.nothing;
import static dev.squint.webapp.http.FieldRules.number;
import static dev.squint.webapp.http.FieldRules.text;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import dev.squint.webapp.answering.SamplingFields;
import dev.squint.webapp.http.ApiException;
import dev.squint.webapp.http.FieldRules;
import dev.squint.webapp.openai.ChatRequest.ChatMessage;
import dev.squint.webapp.openai.ChatRequest.ContentPart;
import dev.squint.webapp.openai.ChatRequest.Url;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/responses}, as far as Squint supports it.
 *
 * @param model id of the model; absent for the default
 * @param input a text, or a list of messages
 * @param instructions a system message before the input
 * @param maxOutputTokens limit of the answer's tokens
 * @param stream whether to send the answer as events
 * @param visualPruning Squint's extension, as in a chat request
 * @param videoSampling Squint's extension, as in a chat request
 */
@JsonNaming(SnakeCaseStrategy.class)
record ResponsesRequest(
    @Nullable String model,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        @Nullable List<InputItem> input,
    @Nullable String instructions,
    @Nullable Integer maxOutputTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Boolean stream,
    ChatRequest.@Nullable VisualPruning visualPruning,
    ChatRequest.@Nullable VideoSampling videoSampling)
    implements ChatBody {

  private static final String STATELESS = "send the whole conversation as input";

  static final FieldRules FIELDS =
      FieldRules.none()
          .known("model", "instructions", "max_output_tokens", "temperature", "top_p", "stream")
          .object(
              "input",
              FieldRules.none()
                  .known("role")
                  .object(
                      "content",
                      FieldRules.none()
                          .known("type", "text", "image_url")
                          .ignored("detail", "annotations", "logprobs"))
                  .ignored("type", "id", "status"))
          .object("visual_pruning", ChatFields.VISUAL_PRUNING)
          .object("video_sampling", ChatFields.VIDEO_SAMPLING)
          .ignored("metadata", "store", "user", "truncation", "parallel_tool_calls", "include")
          .ignored("service_tier", "safety_identifier", "prompt_cache_key", "reasoning")
          .ignored("stream_options", "prompt_cache_retention", "max_tool_calls")
          .unsupported("tools", nothing(), "tools are not called; omit the field")
          .unsupported("tool_choice", text("none", "auto"), "tools are not called; omit the field")
          .unsupported("background", nothing(), "omit the field")
          .unsupported("previous_response_id", nothing(), STATELESS)
          .unsupported("conversation", nothing(), STATELESS)
          .unsupported("prompt", nothing(), STATELESS)
          .unsupported("top_logprobs", number(0), "omit the field")
          .unsupported(
              "text",
              value -> "text".equals(value.path("format").path("type").asString("text")),
              "answers are text; omit the field");

  /** A message of the input. */
  record InputItem(
      @Nullable String role,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<InputPart> content) {

    /** From the fields of a JSON object. */
    @JsonCreator
    InputItem {}

    /** From an input that is a text only. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static InputItem of(String text) {
      return new InputItem("user", List.of(InputPart.of(text)));
    }
  }

  /** A text or a picture. */
  @JsonNaming(SnakeCaseStrategy.class)
  record InputPart(@Nullable String type, @Nullable String text, @Nullable Url imageUrl) {

    /** From the fields of a JSON object. */
    @JsonCreator
    InputPart {}

    /** From a content that is a text only. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static InputPart of(String text) {
      return new InputPart("input_text", text, null);
    }
  }

  @Override
  public boolean streamed() {
    return Boolean.TRUE.equals(stream);
  }

  @Override
  public ChatRequest toChat() {
    List<ChatMessage> chat = new ArrayList<>();
    if (instructions != null) {
      chat.add(new ChatMessage("system", List.of(ContentPart.ofText(instructions))));
    }
    List<InputItem> items = input == null ? List.of() : input;
    for (int i = 0; i < items.size(); i++) {
      List<ContentPart> parts = new ArrayList<>();
      List<InputPart> content = items.get(i).content();
      for (int j = 0; content != null && j < content.size(); j++) {
        parts.add(part(content.get(j), "input[%d].content[%d]".formatted(i, j)));
      }
      chat.add(new ChatMessage(items.get(i).role(), parts));
    }
    return ChatRequest.of(
        model,
        chat,
        maxOutputTokens,
        new ChatRequest.Draw(
            new SamplingFields(temperature, topP, null, null, null, null, null, null), null),
        new ChatRequest.Extensions(visualPruning, videoSampling));
  }

  private static ContentPart part(InputPart part, String path) {
    String type = part.type() == null ? "" : part.type();
    if ((type.equals("input_text") || type.equals("output_text")) && part.text() != null) {
      return ContentPart.ofText(part.text());
    }
    if (type.equals("input_image") && part.imageUrl() != null && part.imageUrl().url() != null) {
      return ContentPart.ofPicture(part.imageUrl().url());
    }
    throw ApiException.invalid(
        path,
        "a part is of type input_text or output_text with a text, or input_image with an image_url");
  }
}
