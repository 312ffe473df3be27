package dev.squint.llm.djl;

import ai.djl.modality.cv.Image;
import dev.squint.llm.AskOptions;
import dev.squint.llm.chat.Message;
import dev.squint.vision.picture.Picture;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * What a predictor is asked: a conversation with pictures, and how to answer it.
 *
 * @param conversation the last message is answered
 * @param options plan, longest answer, sampling, streaming
 */
public record VisualQuestion(List<Message> conversation, AskOptions options) {

  public VisualQuestion {
    conversation = List.copyOf(conversation);
  }

  /** A question about one picture. */
  public static VisualQuestion of(Picture picture, String question, AskOptions options) {
    return new VisualQuestion(List.of(Message.user(List.of(picture), question)), options);
  }

  /**
   * A question about a picture that DJL has read.
   *
   * @throws IllegalArgumentException if DJL holds it as something else than a Java image
   */
  public static VisualQuestion of(Image image, String question, AskOptions options) {
    if (image.getWrappedImage() instanceof BufferedImage pixels) {
      return of(Picture.of(pixels), question, options);
    }
    throw new IllegalArgumentException(
        "the image is a %s; Squint takes those of DJL's BufferedImageFactory, and Picture"
            .formatted(image.getWrappedImage().getClass().getName()));
  }
}
