package dev.squint.webapp.answering;

import dev.squint.llm.Answer;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.VideoFrame;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The frames of a clip that were read, and those that the plan kept.
 *
 * @param seconds duration of the clip
 * @param frames times of the frames that were read, in seconds
 * @param keptFrames times of the frames that the plan kept
 * @param lookedAt older name of {@code keptFrames}, kept for one version
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ClipFrames(
    double seconds,
    List<Double> frames,
    List<Double> keptFrames,
    @Schema(deprecated = true) List<Double> lookedAt) {

  /** The clips of a conversation in order. */
  static List<ClipFrames> of(List<Message> conversation, Answer answer) {
    List<ClipFrames> clips = new ArrayList<>();
    for (Message message : conversation) {
      for (Content content : message.content()) {
        if (content instanceof Content.Video video) {
          Clip clip = video.clip();
          List<Double> kept = answer.frameSeconds().get(clips.size());
          List<Double> read = clip.frames().stream().map(VideoFrame::seconds).toList();
          clips.add(new ClipFrames(clip.seconds(), read, kept, kept));
        }
      }
    }
    return clips;
  }
}
