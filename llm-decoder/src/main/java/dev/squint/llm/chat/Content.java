package dev.squint.llm.chat;

import dev.squint.vision.Picture;
import dev.squint.vision.video.Clip;

/** One piece of a message: text, or a picture or video that is looked at in this place. */
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
}
