package dev.squint.llm.chat;

import dev.squint.vision.Picture;

/** One piece of a message: text, or a picture that is looked at in this place. */
public sealed interface Content {

  /** Text as the user wrote it. */
  record Text(String text) implements Content {}

  /** A picture of any size. */
  record Image(Picture picture) implements Content {}
}
