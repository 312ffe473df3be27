package dev.squint.webapp.answering;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.video.FrameRule;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.ServerSettings.Limits;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Decodes the pictures and clips of conversations that have been checked. */
final class ConversationReader {

  private final Limits limits;
  private final PictureReader pictures;
  private final FrameRule rule;
  private final ClipCache cache;

  /**
   * Makes a reader.
   *
   * @param rule which frames of a clip the model gets
   */
  ConversationReader(ServerSettings settings, PictureReader pictures, FrameRule rule) {
    this.limits = settings.limits();
    this.pictures = pictures;
    this.rule = rule;
    this.cache = new ClipCache(settings.work().clipCache().toBytes());
  }

  /**
   * Decodes a conversation.
   *
   * @param cancelled checked while clips are decoded; true stops it
   * @throws IllegalArgumentException if something cannot be decoded, or reading was cancelled
   */
  List<Message> read(List<Turn> turns, BooleanSupplier cancelled) {
    PictureReader cancellable = pictures.cancelledBy(cancelled);
    ClipReader clips = new ClipReader(limits, rule, cancellable, cache, cancelled);
    return turns.stream()
        .map(
            turn ->
                new Message(
                    turn.role(),
                    turn.parts().stream().map(part -> read(part, clips, cancellable)).toList()))
        .toList();
  }

  /** Decodes a picture; the error names the field of the request that holds a damaged one. */
  static Picture read(Turn.Part.PictureFile file, PictureReader pictures) {
    PictureReader reader =
        file.background().isPresent()
            ? pictures.withBackground(file.background().getAsInt())
            : pictures;
    try {
      return reader.read(file.encoded(), file.name());
    } catch (IllegalArgumentException e) {
      throw MediaErrors.of(e, "picture", file);
    }
  }

  private static Content read(Turn.Part part, ClipReader clips, PictureReader cancellable) {
    if (part instanceof Turn.Part.Text text) {
      return new Content.Text(text.text());
    }
    if (part instanceof Turn.Part.PictureFile file) {
      return new Content.Image(read(file, cancellable));
    }
    return new Content.Video(
        part instanceof Turn.Part.ClipFile file
            ? clips.read(file)
            : clips.read((Turn.Part.FrameFiles) part));
  }
}
