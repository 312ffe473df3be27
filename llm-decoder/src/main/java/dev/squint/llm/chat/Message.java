package dev.squint.llm.chat;

import dev.squint.llm.chat.Content.Image;
import dev.squint.llm.chat.Content.Text;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.video.Clip;
import java.util.ArrayList;
import java.util.List;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code user}, {@code assistant} or {@code system}
 * @param content what is said, in order
 */
public record Message(String role, List<Content> content) {

  public Message {
    content = List.copyOf(content);
  }

  /** A question about pictures: the pictures first, then the text, as models are trained on. */
  public static Message user(List<Picture> pictures, String text) {
    List<Content> content = new ArrayList<>();
    for (Picture picture : pictures) {
      content.add(new Image(picture));
    }
    content.add(new Text(text));
    return new Message("user", content);
  }

  /** A question about a video: the frames first, then the text. */
  public static Message user(Clip clip, String text) {
    return new Message("user", List.of(new Content.Video(clip), new Text(text)));
  }

  /** A question in text alone, or a later turn about the pictures of an earlier one. */
  public static Message user(String text) {
    return user(List.of(), text);
  }

  /** What the model answered before. */
  public static Message assistant(String text) {
    return new Message("assistant", List.of(new Text(text)));
  }

  /** Instructions that stand before the conversation. */
  public static Message system(String text) {
    return new Message("system", List.of(new Text(text)));
  }

  /** The pictures and frames of a conversation in order, which hold a place of the prompt each. */
  public static List<Content> lookedAt(List<Message> conversation) {
    return conversation.stream()
        .flatMap(message -> message.content().stream())
        .filter(piece -> piece instanceof Image || piece instanceof Content.Frames)
        .toList();
  }

  /** The pictures of this message in order, without those of videos. */
  public List<Picture> pictures() {
    return content.stream()
        .filter(Image.class::isInstance)
        .map(piece -> ((Image) piece).picture())
        .toList();
  }
}
