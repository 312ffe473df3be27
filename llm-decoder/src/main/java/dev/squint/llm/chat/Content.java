package dev.squint.llm.chat;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;

/** One piece of a message: text, or a picture or video that is shown at this point. */
public sealed interface Content {

  /** Text as the user wrote it. */
  record Text(String text) implements Content {}

  /**
   * A picture of any size.
   *
   * @param frame whether it is a frame of a video, which is never cut into crops
   */
  record Image(Picture picture, boolean frame) implements Content {
    /** A picture by itself. */
    public Image(Picture picture) {
      this(picture, false);
    }
  }

  /** Frames of a video. */
  record Video(Clip clip) implements Content {}

  /**
   * Frames of a video that stand at one place of the template.
   *
   * @param clip the frames, which are all shown
   * @param together how many of them the encoder takes together; at the end there may be fewer
   */
  record Frames(Clip clip, int together) implements Content {

    /** How many pictures the encoder makes of them. */
    public int pictures() {
      return (clip.frames().size() + together - 1) / together;
    }
  }
}
