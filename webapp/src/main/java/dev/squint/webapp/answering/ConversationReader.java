package dev.squint.webapp.answering;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.PictureCache;
import dev.squint.vision.video.FrameRule;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.ServerSettings.Limits;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Decodes the pictures and clips of conversations that have been checked. */
final class ConversationReader {

  private static final PictureCache NOTHING = new PictureCache(0);

  private final Limits limits;
  private final PictureReader pictures;
  private final FrameRule rule;
  private final ClipCache cache;
  private final PictureCache decoded;

  /**
   * Makes a reader.
   *
   * @param rule which frames of a clip the model gets
   * @param decoded pictures of earlier questions
   */
  ConversationReader(
      ServerSettings settings, PictureReader pictures, FrameRule rule, PictureCache decoded) {
    this.decoded = decoded;
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
                    turn.parts().stream()
                        .map(part -> read(part, clips, cancellable, decoded))
                        .toList()))
        .toList();
  }

  /** Decodes a picture; the error names the field of the request that holds a damaged one. */
  static Picture read(Turn.Part.PictureFile file, PictureReader pictures) {
    return read(file, pictures, NOTHING);
  }

  private static Picture read(
      Turn.Part.PictureFile file, PictureReader pictures, PictureCache decoded) {
    PictureReader reader =
        file.background().isPresent()
            ? pictures.withBackground(file.background().getAsInt())
            : pictures;
    try {
      return decoded.read(reader, file.encoded(), file.name());
    } catch (IllegalArgumentException e) {
      throw MediaErrors.of(e, "picture", file);
    }
  }

  private static Content read(
      Turn.Part part, ClipReader clips, PictureReader cancellable, PictureCache decoded) {
    if (part instanceof Turn.Part.Text text) {
      return new Content.Text(text.text());
    }
    if (part instanceof Turn.Part.PictureFile file) {
      return new Content.Image(read(file, cancellable, decoded));
    }
    return new Content.Video(
        part instanceof Turn.Part.ClipFile file
            ? clips.read(file)
            : clips.read((Turn.Part.FrameFiles) part));
  }
}
