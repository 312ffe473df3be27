package dev.squint.webapp.anthropic;

import static dev.squint.webapp.http.FieldRules.nothing;

import com.fasterxml.jackson.annotation.JsonCreator;
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
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/messages}, as far as Squint supports it.
 *
 * @param model id of the model; absent for the default
 * @param maxTokens limit of the answer's tokens
 * @param system a text, or a list of texts
 * @param messages the conversation
 * @param stopSequences texts that end the answer
 * @param stream whether to send the answer as events
 * @param visualPruning Squint's extension, as in a chat request
 * @param videoSampling Squint's extension, as in a chat request
 */
@JsonNaming(SnakeCaseStrategy.class)
record MessagesRequest(
    @Nullable String model,
    @Nullable Integer maxTokens,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        @Nullable List<Block> system,
    @Nullable List<InputMessage> messages,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer topK,
    @Nullable List<String> stopSequences,
    @Nullable Boolean stream,
    ChatRequest.@Nullable VisualPruning visualPruning,
    ChatRequest.@Nullable VideoSampling videoSampling)
    implements ChatBody {

  private static final FieldRules BLOCK =
      FieldRules.none()
          .known("type", "text")
          .object("source", FieldRules.none().known("type", "media_type", "data", "url"))
          .ignored("cache_control", "citations");

  static final FieldRules FIELDS =
      FieldRules.none()
          .known("model", "max_tokens", "temperature", "top_p", "top_k")
          .known("stop_sequences", "stream")
          .object("system", BLOCK)
          .object("messages", FieldRules.none().known("role").object("content", BLOCK))
          .object("visual_pruning", ChatFields.VISUAL_PRUNING)
          .object("video_sampling", ChatFields.VIDEO_SAMPLING)
          .ignored("metadata", "service_tier")
          .unsupported("tools", nothing(), "tools are not called; omit the field")
          .unsupported("tool_choice", nothing(), "tools are not called; omit the field")
          .unsupported(
              "thinking",
              value -> "disabled".equals(value.path("type").asString("")),
              "the models do not think; omit the field");

  /** A message. */
  record InputMessage(
      @Nullable String role,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<Block> content) {}

  /** A text or a picture. */
  record Block(@Nullable String type, @Nullable String text, @Nullable Source source) {

    /** From the fields of a JSON object. */
    @JsonCreator
    Block {}

    /** From a text. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Block of(String text) {
      return new Block("text", text, null);
    }
  }

  /** Where a picture is. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Source(
      @Nullable String type,
      @Nullable String mediaType,
      @Nullable String data,
      @Nullable String url) {}

  @Override
  public boolean streamed() {
    return Boolean.TRUE.equals(stream);
  }

  @Override
  public ChatRequest toChat() {
    List<ChatMessage> chat = new ArrayList<>();
    if (system != null) {
      chat.add(new ChatMessage("system", parts(system, "system")));
    }
    List<InputMessage> turns = messages == null ? List.of() : messages;
    for (int i = 0; i < turns.size(); i++) {
      InputMessage turn = turns.get(i);
      List<Block> content = turn.content() == null ? List.of() : turn.content();
      chat.add(new ChatMessage(turn.role(), parts(content, "messages[%d].content".formatted(i))));
    }
    return ChatRequest.of(
        model,
        chat,
        maxTokens,
        new ChatRequest.Draw(
            new SamplingFields(temperature, topP, topK, null, null, null, null, null),
            stopSequences),
        new ChatRequest.Extensions(visualPruning, videoSampling));
  }

  private static List<ContentPart> parts(List<Block> blocks, String path) {
    List<ContentPart> parts = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      parts.add(part(blocks.get(i), "%s[%d]".formatted(path, i)));
    }
    return parts;
  }

  private static ContentPart part(Block block, String path) {
    if ("text".equals(block.type()) && block.text() != null) {
      return ContentPart.ofText(block.text());
    }
    Source source = block.source();
    if ("image".equals(block.type()) && source != null) {
      if ("base64".equals(source.type()) && source.data() != null) {
        return ContentPart.ofPicture(
            "data:%s;base64,%s"
                .formatted(
                    source.mediaType() == null ? "image/png" : source.mediaType(), source.data()));
      }
      if ("url".equals(source.type()) && source.url() != null) {
        return ContentPart.ofPicture(source.url());
      }
    }
    throw ApiException.invalid(
        path,
        "a block is {\"type\":\"text\",\"text\":TEXT}, or {\"type\":\"image\",\"source\":SOURCE} with a source of type base64 (media_type, data) or url (url)");
  }
}
