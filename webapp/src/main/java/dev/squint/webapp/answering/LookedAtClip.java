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
 * Which frames of a clip were read, and which of them the plan let the model look at.
 *
 * @param seconds how long the clip is
 * @param frames when the frames are shown that were read, in seconds
 * @param keptFrames those of them that the plan kept
 * @param lookedAt an older name of the same, kept for one version
 */
@JsonNaming(SnakeCaseStrategy.class)
public record LookedAtClip(
    double seconds,
    List<Double> frames,
    List<Double> keptFrames,
    @Schema(deprecated = true) List<Double> lookedAt) {

  /** The clips of a conversation in order. */
  static List<LookedAtClip> of(List<Message> conversation, Answer answer) {
    List<LookedAtClip> clips = new ArrayList<>();
    for (Message message : conversation) {
      for (Content content : message.content()) {
        if (content instanceof Content.Video video) {
          Clip clip = video.clip();
          List<Double> kept = answer.frameSeconds().get(clips.size());
          List<Double> read = clip.frames().stream().map(VideoFrame::seconds).toList();
          clips.add(new LookedAtClip(clip.seconds(), read, kept, kept));
        }
      }
    }
    return clips;
  }
}
