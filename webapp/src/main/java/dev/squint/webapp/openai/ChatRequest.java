package dev.squint.webapp.openai;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/chat/completions}, as far as Squint reads it. Fields that are not
 * listed are ignored.
 *
 * @param model id of the model, or absent for the one that is loaded
 * @param messages the conversation; the last one is answered
 * @param maxTokens the most tokens of the answer
 * @param maxCompletionTokens the newer name of the same
 * @param temperature 0 or absent takes the likeliest token
 * @param topP draws from the likeliest tokens that have this share together
 * @param seed the same seed draws the same tokens
 * @param stop texts before which the answer ends
 * @param stream whether to send the answer piece by piece
 * @param streamOptions what else a stream holds
 * @param n number of answers; only 1
 * @param logprobs must be absent or false
 * @param tools must be absent or empty
 * @param visualPruning Squint's own: which visual tokens are looked at
 * @param videoSampling Squint's own: which frames of clips are looked at
 */
@JsonNaming(SnakeCaseStrategy.class)
record ChatRequest(
    @Nullable String model,
    @Nullable List<ChatMessage> messages,
    @Nullable Integer maxTokens,
    @Nullable Integer maxCompletionTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Long seed,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable List<String> stop,
    @Nullable Boolean stream,
    @Nullable StreamOptions streamOptions,
    @Nullable Integer n,
    @Nullable Boolean logprobs,
    @Schema(hidden = true) @Nullable List<JsonNode> tools,
    @Nullable VisualPruning visualPruning,
    @Nullable VideoSampling videoSampling) {

  /**
   * What else a stream holds.
   *
   * @param includeUsage whether a last chunk reports the number of tokens
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record StreamOptions(@Nullable Boolean includeUsage) {}

  /**
   * Which visual tokens are looked at: a plan, or one method where the model can follow it: after
   * the encoder if it acts there.
   *
   * @param plan a plan in one line, such as {@code encoder:divprune(keep=0.25)}
   * @param method a method of {@code GET /api/methods}
   * @param keepRatio the share of the visual tokens that the method keeps, above 0 and at most 1
   * @param returnMap whether to report what happened to each visual token
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record VisualPruning(
      @Nullable String plan,
      @Nullable String method,
      @Nullable Double keepRatio,
      @Nullable Boolean returnMap) {}

  /**
   * Which frames of clips are looked at; by the model's own rule where nothing is given.
   *
   * @param frames number of frames, evenly spaced
   * @param fps how many a second instead; of a clip of JPEG files, at which rate they were taken
   * @param from where the part begins, in seconds
   * @param to where it ends, in seconds
   */
  record VideoSampling(
      @Schema(
              description = "Number of frames of each clip, evenly spaced.",
              example = "8",
              nullable = true)
          @Nullable Integer frames,
      @Schema(
              description =
                  "How many frames a second instead; of a clip of JPEG files, at which rate they were taken (1 if it is left out).",
              nullable = true)
          @Nullable Double fps,
      @Schema(description = "Where the part begins, in seconds.", nullable = true)
          @Nullable Double from,
      @Schema(description = "Where it ends, in seconds.", nullable = true) @Nullable Double to) {}

  /**
   * A message.
   *
   * @param role {@code system}, {@code developer}, {@code user} or {@code assistant}
   * @param content a text, or a list of parts
   */
  record ChatMessage(
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
  record ContentPart(
      @Nullable String type,
      @Nullable String text,
      @Nullable Url imageUrl,
      @Nullable Video videoUrl,
      @Nullable Video inputVideo) {

    /** Made of the fields of a JSON object. */
    @JsonCreator
    ContentPart {}

    /** A message whose content is a text alone. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ContentPart ofText(String text) {
      return new ContentPart("text", text, null, null, null);
    }
  }

  /**
   * Where a picture is.
   *
   * @param url a data URL, or an {@code https} one where the server fetches pictures
   */
  record Url(@Nullable String url) {

    /** Made of the fields of a JSON object. */
    @JsonCreator
    Url {}

    /** Some clients write the address without an object around it. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Url of(String url) {
      return new Url(url);
    }
  }

  /**
   * Where a clip is, and which frames of it are looked at where that is other than for all clips.
   *
   * @param url a data URL, or an {@code https} one where the server fetches clips; {@code
   *     data:video/jpeg;base64,FRAME,FRAME,...} is a clip of JPEG files
   * @param data the file in base64 instead, in a part of type {@code input_video}
   * @param frames as in {@link VideoSampling}
   * @param fps as in {@link VideoSampling}
   * @param from as in {@link VideoSampling}
   * @param to as in {@link VideoSampling}
   */
  record Video(
      @Nullable String url,
      @Nullable String data,
      @Nullable Integer frames,
      @Nullable Double fps,
      @Nullable Double from,
      @Nullable Double to) {

    /** Made of the fields of a JSON object. */
    @JsonCreator
    Video {}

    /** Some clients write the address without an object around it. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Video of(String url) {
      return new Video(url, null, null, null, null, null);
    }

    /** The sampling that is given here, or else the one of the request. */
    @Nullable VideoSampling sampling(@Nullable VideoSampling ofRequest) {
      boolean own = frames != null || fps != null || from != null || to != null;
      return own ? new VideoSampling(frames, fps, from, to) : ofRequest;
    }
  }
}
