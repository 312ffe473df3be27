package dev.squint.webapp.openai;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.DataUrl;
import dev.squint.vision.video.ClipOptions;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.ClipSampling;
import dev.squint.webapp.answering.MethodPlans;
import dev.squint.webapp.answering.PictureRegion;
import dev.squint.webapp.answering.Plans;
import dev.squint.webapp.answering.QuestionRequest;
import dev.squint.webapp.answering.ServedModel;
import dev.squint.webapp.answering.Turn;
import dev.squint.webapp.answering.Turn.Part;
import dev.squint.webapp.http.ApiException;
import dev.squint.webapp.openai.ChatRequest.ChatMessage;
import dev.squint.webapp.openai.ChatRequest.ContentPart;
import dev.squint.webapp.openai.ChatRequest.Url;
import dev.squint.webapp.openai.ChatRequest.Video;
import dev.squint.webapp.openai.ChatRequest.VideoSampling;
import dev.squint.webapp.openai.ChatRequest.VisualPruning;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Makes a question of a chat request. */
@Component
public final class ChatReader {

  private static final int DEFAULT_TOKENS = 256;
  private static final int MOST_STOPS = 4;
  private static final int LONGEST_STOP = 200;

  private final MediaUrls media;
  private final ServerSettings.Limits limits;

  ChatReader(MediaUrls media, ServerSettings settings) {
    this.media = media;
    this.limits = settings.limits();
  }

  /** The question with its files, or an {@link ApiException} if a field is invalid. */
  public Mono<QuestionRequest> read(ChatRequest request, ServedModel served) {
    return Mono.defer(
        () -> {
          refuseSeveral(request);
          QuestionRequest withoutTurns =
              new QuestionRequest(
                  List.of(),
                  plan(request.visualPruning(), served.plans()),
                  maxTokens(request),
                  request.sampling(),
                  stops(request.stop()),
                  request.visualPruning() != null
                      && Boolean.TRUE.equals(request.visualPruning().returnMap()),
                  request.visualPruning() == null
                      ? List.of()
                      : PictureRegion.of(
                          request.visualPruning().regions(), "visual_pruning.regions"));
          List<ChatMessage> messages = request.messages();
          if (messages == null || messages.isEmpty()) {
            throw ApiException.invalid("messages", "messages must have at least one message");
          }
          if (messages.size() > limits.messages()) {
            throw ApiException.tooLarge(
                "too_many_messages",
                "messages",
                "the conversation has %d messages; it may have %d: remove the oldest"
                    .formatted(messages.size(), limits.messages()));
          }
          return Flux.range(0, messages.size())
              .concatMap(
                  i -> turn(messages.get(i), "messages[%d]".formatted(i), request.videoSampling()))
              .collectList()
              .map(withoutTurns::about);
        });
  }

  private static void refuseSeveral(ChatRequest request) {
    if (request.n() != null && request.n() != 1) {
      throw ApiException.invalid("n", "n must be 1 but was " + request.n());
    }
  }

  private static PruningPlan plan(@Nullable VisualPruning pruning, MethodPlans plans) {
    if (pruning == null) {
      return PruningPlan.none();
    }
    if (pruning.plan() != null) {
      if (pruning.method() != null || pruning.keepRatio() != null) {
        throw ApiException.invalid(
            "visual_pruning", "give either a plan, or a method and its keep_ratio");
      }
      return Plans.parse(pruning.plan(), "visual_pruning.plan");
    }
    if (pruning.method() == null) {
      if (pruning.keepRatio() != null) {
        throw ApiException.invalid(
            "visual_pruning.method", "keep_ratio needs a method; GET /api/methods lists them");
      }
      return PruningPlan.none();
    }
    return plans.of(pruning.method(), pruning.keepRatio(), "visual_pruning.method");
  }

  private int maxTokens(ChatRequest request) {
    Integer wanted =
        request.maxCompletionTokens() == null ? request.maxTokens() : request.maxCompletionTokens();
    return wanted == null ? Math.min(DEFAULT_TOKENS, limits.tokens()) : wanted;
  }

  private static List<String> stops(@Nullable List<String> stops) {
    if (stops == null) {
      return List.of();
    }
    boolean allowed =
        stops.size() <= MOST_STOPS
            && stops.stream()
                .allMatch(s -> s != null && !s.isEmpty() && s.length() <= LONGEST_STOP);
    if (!allowed) {
      throw ApiException.invalid(
          "stop",
          "stop may have %d texts of 1 to %d characters".formatted(MOST_STOPS, LONGEST_STOP));
    }
    return stops;
  }

  private Mono<Turn> turn(
      @Nullable ChatMessage message, String param, @Nullable VideoSampling sampling) {
    if (message == null || message.role() == null) {
      return Mono.error(ApiException.invalid(param, "a message needs a role"));
    }
    String role =
        switch (message.role()) {
          case "developer" -> "system";
          case "system", "user", "assistant" -> message.role();
          default ->
              throw ApiException.invalid(
                  param + ".role",
                  "role must be system, developer, user or assistant but was '%s'"
                      .formatted(shortened(message.role())));
        };
    List<ContentPart> content = message.content() == null ? List.of() : message.content();
    if (content.isEmpty() && role.equals("user")) {
      return Mono.error(
          ApiException.invalid(
              param + ".content",
              "a message of the role user needs a content: a text or a list of parts"));
    }
    return Flux.range(0, content.size())
        .concatMap(i -> part(content.get(i), "%s.content[%d]".formatted(param, i), sampling))
        .collectList()
        .map(parts -> new Turn(role, parts));
  }

  private Mono<Part> part(
      @Nullable ContentPart part, String param, @Nullable VideoSampling sampling) {
    if (part == null || part.type() == null) {
      return Mono.error(ApiException.invalid(param, "a part of a message needs a type"));
    }
    return switch (part.type()) {
      case "text" -> {
        if (part.text() == null) {
          throw ApiException.invalid(param + ".text", "a part of type 'text' needs a text");
        }
        yield Mono.just(new Part.Text(part.text()));
      }
      // Clients without a part for videos send them as pictures.
      case "image_url" -> {
        ClipOptions wanted = wanted(sampling, "video_sampling");
        yield media
            .picture(url(part.imageUrl(), param + ".image_url"), param)
            .map(bytes -> Part.Media.of(param, param, bytes, wanted))
            .map(media -> onBackground(media, part.imageUrl(), param + ".image_url.background"));
      }
      case "video_url" -> clip(part.videoUrl(), sampling, param, param + ".video_url");
      case "input_video" -> clip(part.inputVideo(), sampling, param, param + ".input_video");
      default ->
          throw new ApiException(
              HttpStatus.BAD_REQUEST,
              "unsupported_content",
              param + ".type",
              "parts of type '%s' are not supported; supported are text, image_url, video_url and input_video"
                  .formatted(shortened(part.type())));
    };
  }

  private static Part onBackground(Part media, @Nullable Url picture, String field) {
    return media instanceof Part.PictureFile file && picture != null
        ? file.withBackground(picture.background(), field)
        : media;
  }

  private Mono<Part> clip(
      @Nullable Video video, @Nullable VideoSampling ofRequest, String param, String field) {
    if (video == null || (video.url() == null) == (video.data() == null)) {
      throw ApiException.invalid(
          field, "an object with the clip's url, or with its data in base64, is required");
    }
    VideoSampling sampling = video.sampling(ofRequest);
    String address = video.url() == null ? Objects.requireNonNull(video.data()) : video.url();
    if (MediaUrls.isFrames(address)) {
      if (video.frames() != null || video.from() != null || video.to() != null) {
        throw ApiException.invalid(
            field,
            "all frames of a clip of JPEG files are used: send only the frames to use, and no frames, from or to");
      }
      return Mono.just(frames(address, sampling, param));
    }
    ClipOptions wanted =
        wanted(sampling, Objects.equals(sampling, ofRequest) ? "video_sampling" : field);
    Mono<byte[]> file =
        video.url() == null && !DataUrl.isData(address)
            ? Mono.fromSupplier(() -> MediaUrls.base64(address, param))
            : media.clip(address, param);
    return file.map(bytes -> new Part.ClipFile(param, param, bytes, wanted));
  }

  private static ClipOptions wanted(@Nullable VideoSampling sampling, String param) {
    return sampling == null
        ? ClipOptions.DEFAULT
        : ClipSampling.of(sampling.frames(), sampling.fps(), sampling.from(), sampling.to(), param);
  }

  private Part frames(String url, @Nullable VideoSampling sampling, String param) {
    double perSecond = sampling == null || sampling.fps() == null ? 1 : sampling.fps();
    if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
      throw ApiException.invalid(param, "fps must be above 0 but was " + perSecond);
    }
    List<byte[]> files = MediaUrls.frames(url, param, limits.clips().frames());
    return new Part.FrameFiles(
        param,
        IntStream.range(0, files.size())
            .mapToObj(i -> frame("%s frame %d".formatted(param, i), files.get(i)))
            .toList(),
        perSecond);
  }

  private static Part.PictureFile frame(String param, byte[] encoded) {
    return new Part.PictureFile(param, param, encoded);
  }

  private static String url(@Nullable Url url, String param) {
    if (url == null || url.url() == null) {
      throw ApiException.invalid(param, "an object with a url is required");
    }
    return Objects.requireNonNull(url.url());
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}
