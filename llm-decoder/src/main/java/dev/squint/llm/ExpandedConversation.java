package dev.squint.llm;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.prompt.ClipText;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipTokens;
import dev.squint.vision.video.VideoFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A conversation with its videos written as the frames that a plan keeps.
 *
 * @param conversation with texts and pictures alone
 * @param seconds when the frames of each video are shown, in order
 * @param dropped how many pictures fewer the encoder runs on, because the plan drops frames
 * @param operations that choosing frames took, {@link dev.squint.pruner.Operations}
 */
record ExpandedConversation(
    List<Message> conversation, List<List<Double>> seconds, int dropped, double operations) {

  /** Expands videos; the encoder takes this number of frames at a time. */
  static ExpandedConversation of(
      List<Message> conversation, PruningPlan plan, ClipText text, int together) {
    List<Message> written = new ArrayList<>();
    List<List<Double>> seconds = new ArrayList<>();
    int dropped = 0;
    double operations = 0;
    for (Message message : conversation) {
      List<Content> content = new ArrayList<>();
      for (Content piece : message.content()) {
        if (piece instanceof Content.Video video) {
          Optional<Decision> choice = choice(video.clip(), plan);
          operations += choice.map(Decision::operations).orElse(0.0);
          Clip chosen = choice.map(made -> chosen(video.clip(), made)).orElse(video.clip());
          dropped += pictures(video.clip(), together) - pictures(chosen, together);
          seconds.add(chosen.frames().stream().map(VideoFrame::seconds).toList());
          content.addAll(text.of(chosen));
        } else {
          content.add(piece);
        }
      }
      written.add(new Message(message.role(), content));
    }
    return new ExpandedConversation(
        List.copyOf(written), List.copyOf(seconds), dropped, operations);
  }

  private static Optional<Decision> choice(Clip clip, PruningPlan plan) {
    return plan.at(Point.FRAMES).isEmpty()
        ? Optional.empty()
        : Optional.of(plan.decide(Point.FRAMES, ClipTokens.of(clip)));
  }

  private static Clip chosen(Clip clip, Decision choice) {
    int[] kept = choice.reduction().kept();
    List<VideoFrame> frames = Arrays.stream(kept).mapToObj(clip.frames()::get).toList();
    return new Clip(clip.seconds(), frames);
  }

  private static int pictures(Clip clip, int together) {
    return new Content.Frames(clip, together).pictures();
  }

  /** The pictures and frames in order. */
  List<Content> images() {
    return Message.lookedAt(conversation);
  }
}
