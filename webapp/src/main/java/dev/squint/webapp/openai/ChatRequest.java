package dev.squint.webapp.openai;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import dev.squint.webapp.answering.PictureRegion;
import dev.squint.webapp.answering.SamplingFields;
import dev.squint.webapp.http.ApiException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/chat/completions}, as far as Squint supports it.
 *
 * @param model id of the model; absent for the default
 * @param messages the conversation; the last one is answered
 * @param maxTokens limit of the answer's tokens
 * @param maxCompletionTokens newer name of {@code maxTokens}
 * @param temperature 0 or absent: the most likely token
 * @param topP samples from the most likely tokens with this share of the probability
 * @param topK samples from this number of the most likely tokens; 0 for all
 * @param minP samples from tokens with this share of the highest probability; 0 for all
 * @param typicalP samples from the most typical tokens with this share of the probability
 * @param repetitionPenalty divides the logits of tokens that have occurred; 1 for none
 * @param noRepeatNgramSize no run of this many tokens comes twice; 0 for none
 * @param seed the same seed gives the same tokens
 * @param stop texts that end the answer
 * @param stream whether to send the answer as events
 * @param streamOptions options of a stream
 * @param n number of answers; only 1
 * @param visualPruning Squint's extension: which visual tokens are kept
 * @param videoSampling Squint's extension: which frames of clips are used
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ChatRequest(
    @Nullable String model,
    @Nullable List<ChatMessage> messages,
    @Nullable Integer maxTokens,
    @Nullable Integer maxCompletionTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer topK,
    @Nullable Double minP,
    @Nullable Double typicalP,
    @Nullable Double repetitionPenalty,
    @Nullable Integer noRepeatNgramSize,
    @Nullable Long seed,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable List<String> stop,
    @Nullable Boolean stream,
    @Nullable StreamOptions streamOptions,
    @Nullable Integer n,
    @Nullable VisualPruning visualPruning,
    @Nullable VideoSampling videoSampling)
    implements ChatBody {

  @Override
  public ChatRequest toChat() {
    return this;
  }

  @Override
  public boolean streamed() {
    return Boolean.TRUE.equals(stream);
  }

  /** A conversation with the fields that all APIs have. */
  public static ChatRequest of(
      @Nullable String model,
      List<ChatMessage> messages,
      @Nullable Integer maxTokens,
      Draw draw,
      Extensions extensions) {
    return new ChatRequest(
        model,
        messages,
        maxTokens,
        null,
        draw.sampling().temperature(),
        draw.sampling().topP(),
        draw.sampling().topK(),
        draw.sampling().minP(),
        draw.sampling().typicalP(),
        draw.sampling().repetitionPenalty(),
        draw.sampling().noRepeatNgramSize(),
        draw.sampling().seed(),
        draw.stop(),
        null,
        null,
        null,
        extensions.visualPruning(),
        extensions.videoSampling());
  }

  /** How the tokens of an answer are chosen and where it ends. */
  public record Draw(SamplingFields sampling, @Nullable List<String> stop) {}

  /**
   * How the tokens of the answer are chosen.
   *
   * @throws ApiException if a field is out of range
   */
  SamplingFields sampling() {
    return new SamplingFields(
        temperature, topP, topK, minP, typicalP, repetitionPenalty, noRepeatNgramSize, seed);
  }

  /** Squint's extensions of a request. */
  public record Extensions(
      @Nullable VisualPruning visualPruning, @Nullable VideoSampling videoSampling) {}

  /**
   * Options of a stream.
   *
   * @param includeUsage whether a last chunk reports the number of tokens
   * @param includeObfuscation ignored
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record StreamOptions(
      @Nullable Boolean includeUsage, @Nullable Boolean includeObfuscation) {}

  /**
   * Which visual tokens are kept: a plan, or one method at the first point that the model supports.
   *
   * @param plan a plan in one line, such as {@code encoder:divprune(keep=0.25)}
   * @param method a method of {@code GET /api/methods}
   * @param keepRatio the share of the visual tokens that the method keeps, above 0 and at most 1
   * @param returnMap whether to report the reduction of each visual token
   * @param regions parts of pictures whose visual tokens are kept or dropped before the plan acts
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record VisualPruning(
      @Nullable String plan,
      @Nullable String method,
      @Nullable Double keepRatio,
      @Nullable Boolean returnMap,
      @Nullable List<PictureRegion.@Nullable Field> regions) {}

  /**
   * Which frames of clips are used; the default is the model's own rule.
   *
   * @param frames number of frames, evenly spaced
   * @param fps frames per second instead; for a clip of JPEG files, their rate
   * @param from start of the used part, in seconds
   * @param to end of the used part, in seconds
   */
  public record VideoSampling(
      @Schema(
              description = "Number of frames of each clip, evenly spaced.",
              example = "8",
              nullable = true)
          @Nullable Integer frames,
      @Schema(
              description =
                  "Frames per second instead; for a clip of JPEG files, their rate (1 if omitted).",
              nullable = true)
          @Nullable Double fps,
      @Schema(description = "Start of the used part, in seconds.", nullable = true)
          @Nullable Double from,
      @Schema(description = "End of the used part, in seconds.", nullable = true)
          @Nullable Double to) {}

  /**
   * A message.
   *
   * @param role {@code system}, {@code developer}, {@code user} or {@code assistant}
   * @param content a text, or a list of parts
   */
  public record ChatMessage(
      @Nullable String role,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @Nullable List<ContentPart> content) {}

  /**
   * One part of a message.
   *
   * @param type {@code text}, {@code image_url}, {@code video_url} or {@code input_video}
   * @param text of a part of type {@code text}
   * @param imageUrl of a part of type {@code image_url}
   * @param videoUrl of a part of type {@code video_url}
   * @param inputVideo of a part of type {@code input_video}
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record ContentPart(
      @Nullable String type,
      @Nullable String text,
      @Nullable Url imageUrl,
      @Nullable Video videoUrl,
      @Nullable Video inputVideo) {

    /** From the fields of a JSON object. */
    @JsonCreator
    public ContentPart {}

    /** A picture at an address. */
    public static ContentPart ofPicture(String url) {
      return new ContentPart("image_url", null, new Url(url, null), null, null);
    }

    /** From a content that is a text only. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static ContentPart ofText(String text) {
      return new ContentPart("text", text, null, null, null);
    }
  }

  /**
   * The address of a picture.
   *
   * @param url a data URL, or an {@code https} URL if the server fetches pictures
   * @param background colour for transparent pixels: white, black, grey or #rrggbb; an extension
   */
  public record Url(@Nullable String url, @Nullable String background) {

    /** From the fields of a JSON object. */
    @JsonCreator
    public Url {}

    /** From a string: some clients send the address without an object. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Url of(String url) {
      return new Url(url, null);
    }
  }

  /**
   * The address or data of a clip, and which of its frames are used if other than for all clips.
   *
   * @param url a data URL, or an {@code https} URL if the server fetches clips; {@code
   *     data:video/jpeg;base64,FRAME,FRAME,...} is a clip of JPEG files
   * @param data the file in base64 instead, in a part of type {@code input_video}
   * @param frames as in {@link VideoSampling}
   * @param fps as in {@link VideoSampling}
   * @param from as in {@link VideoSampling}
   * @param to as in {@link VideoSampling}
   */
  public record Video(
      @Nullable String url,
      @Nullable String data,
      @Nullable Integer frames,
      @Nullable Double fps,
      @Nullable Double from,
      @Nullable Double to) {

    /** From the fields of a JSON object. */
    @JsonCreator
    public Video {}

    /** From a string: some clients send the address without an object. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Video of(String url) {
      return new Video(url, null, null, null, null, null);
    }

    /** The sampling of this clip, or else that of the request. */
    @Nullable VideoSampling sampling(@Nullable VideoSampling ofRequest) {
      boolean own = frames != null || fps != null || from != null || to != null;
      return own ? new VideoSampling(frames, fps, from, to) : ofRequest;
    }
  }
}
