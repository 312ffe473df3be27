package dev.squint.llm.prompt;

import dev.squint.llm.chat.Content;
import dev.squint.llm.model.Family;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.VideoFrame;
import java.util.ArrayList;
import java.util.List;

/** How a family of models writes a video into the prompt: its frames, and what stands between. */
@FunctionalInterface
public interface ClipText {

  /** The texts and pictures that take the place of the video. */
  List<Content> of(Clip clip);

  /**
   * One of the ways.
   *
   * @param together how many frames the encoder takes together
   */
  static ClipText of(Family.Clips clips, int together) {
    return switch (clips) {
      case FRAMES -> ClipText::frames;
      case ANNOUNCED -> ClipText::announced;
      case NUMBERED -> ClipText::numbered;
      case TIMED, CLOCKED, PAIRED, POOLED -> clip -> List.of(new Content.Frames(clip, together));
    };
  }

  private static List<Content> frames(Clip clip) {
    List<Content> content = new ArrayList<>();
    clip.pictures().forEach(picture -> content.add(new Content.Image(picture, true)));
    return content;
  }

  /** InternVL (transformers, {@code processing_internvl.py}); its template ends each line. */
  private static List<Content> numbered(Clip clip) {
    List<Content> content = new ArrayList<>();
    for (Picture frame : clip.pictures()) {
      content.add(new Content.Text("Frame%d: ".formatted(content.size() / 2 + 1)));
      content.add(new Content.Image(frame, true));
    }
    return content;
  }

  /** SmolVLM2 (transformers, {@code processing_smolvlm.py}). */
  private static List<Content> announced(Clip clip) {
    List<Content> content = new ArrayList<>();
    long whole = (long) clip.seconds();
    content.add(
        new Content.Text(
            "You are provided the following series of %s frames from a %d:%02d:%02d [H:MM:SS] video.\n"
                .formatted(
                    NumberWords.of(clip.frames().size()),
                    whole / 3600,
                    whole / 60 % 60,
                    whole % 60)));
    for (VideoFrame frame : clip.frames()) {
      long at = (long) frame.seconds();
      content.add(new Content.Text("\nFrame from %02d:%02d:".formatted(at / 60, at % 60)));
      content.add(new Content.Image(frame.picture(), true));
    }
    content.add(new Content.Text("\n\n"));
    return content;
  }
}
