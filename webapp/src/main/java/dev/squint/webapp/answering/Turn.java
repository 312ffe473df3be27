package dev.squint.webapp.answering;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.vision.Picture;
import dev.squint.vision.PictureReader;
import java.util.ArrayList;
import java.util.List;

/**
 * One message of a conversation, its pictures still encoded.
 *
 * @param role {@code user}, {@code assistant} or {@code system}
 * @param parts what is said, in order
 */
public record Turn(String role, List<Part> parts) {

  /** Keeps its own copy of the list. */
  public Turn {
    parts = List.copyOf(parts);
  }

  /** One piece of a message. */
  public sealed interface Part {

    /** Text as the user wrote it. */
    record Text(String text) implements Part {}

    /**
     * A picture file.
     *
     * @param name what the sender calls it
     * @param encoded the bytes of the file; not a copy, do not write to it
     */
    record PictureFile(String name, byte[] encoded) implements Part {}
  }

  /** Decodes the pictures and adds them to those of earlier turns. */
  Message read(PictureReader reader, List<Picture> pictures) {
    List<Content> content = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Part.Text text) {
        content.add(new Content.Text(text.text()));
      } else if (part instanceof Part.PictureFile file) {
        Picture picture = reader.read(file.encoded(), file.name());
        pictures.add(picture);
        content.add(new Content.Image(picture));
      }
    }
    return new Message(role, content);
  }
}
