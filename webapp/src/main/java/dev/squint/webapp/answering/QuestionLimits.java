package dev.squint.webapp.answering;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.ImageTiler;
import dev.squint.webapp.ServerSettings.Limits;
import dev.squint.webapp.answering.Turn.Part.ClipFile;
import dev.squint.webapp.answering.Turn.Part.FrameFiles;
import dev.squint.webapp.answering.Turn.Part.Media;
import dev.squint.webapp.answering.Turn.Part.PictureFile;
import dev.squint.webapp.http.ApiException;
import java.util.ArrayList;
import java.util.List;

/** Refuses questions beyond the limits, before anything is decoded. */
final class QuestionLimits {

  private final Limits limits;
  private final PictureReader reader;
  private final ImageTiler tiler;
  private final PictureContext context;

  QuestionLimits(Limits limits, PictureReader reader, ImageTiler tiler, PictureContext context) {
    this.limits = limits;
    this.reader = reader;
    this.tiler = tiler;
    this.context = context;
  }

  /**
   * Checks a question.
   *
   * @return the question with at most as many tokens as an answer may have
   * @throws ApiException if it is beyond another limit
   */
  QuestionRequest checked(QuestionRequest question) {
    List<Turn> turns = question.conversation();
    if (turns.isEmpty()) {
      throw ApiException.invalid("messages", "the conversation has no message");
    }
    if (turns.size() > limits.messages()) {
      throw ApiException.tooLarge(
          "too_many_messages",
          "messages",
          "the conversation has %d messages; it may have %d: remove the oldest"
              .formatted(turns.size(), limits.messages()));
    }
    if (question.maxTokens() < 1) {
      throw ApiException.invalid(
          "max_tokens", "max_tokens must be at least 1 but was " + question.maxTokens());
    }
    List<Media> media =
        turns.stream()
            .flatMap(turn -> turn.parts().stream())
            .filter(Media.class::isInstance)
            .map(Media.class::cast)
            .toList();
    PictureRegion.check(question.regions(), media, question.plan());
    if (media.size() > limits.pictures()) {
      throw ApiException.tooLarge(
          "too_many_pictures",
          null,
          "the request has %d pictures and clips; it may have %d"
              .formatted(media.size(), limits.pictures()));
    }
    List<PictureFile> pictures = new ArrayList<>();
    for (Media part : media) {
      if (part instanceof PictureFile picture) {
        pictures.add(picture);
      } else if (part instanceof ClipFile clip) {
        checkBytes(clip);
      } else if (part instanceof FrameFiles clip) {
        sizes(clip.frames());
      }
    }
    long tiles = checkedTiles(sizes(pictures), question.plan());
    checkTexts(turns);
    context.check(tiles, question.plan());
    return question.withMaxTokens(Math.min(question.maxTokens(), limits.tokens()));
  }

  /** Other limits need the clip's header, which is read later. */
  private void checkBytes(ClipFile clip) {
    if (clip.encoded().length > limits.clips().bytes().toBytes()) {
      throw ApiException.tooLarge(
          "clip_too_large",
          clip.param(),
          "%s has %d bytes; a clip may have %d: shorten or shrink it"
              .formatted(clip.name(), clip.encoded().length, limits.clips().bytes().toBytes()));
    }
  }

  private List<Dimensions> sizes(List<PictureFile> pictures) {
    long pixels = 0;
    List<Dimensions> sizes = new ArrayList<>();
    for (PictureFile picture : pictures) {
      Dimensions size = size(picture);
      sizes.add(size);
      pixels += (long) size.width() * size.height();
      if (pixels > limits.pixels()) {
        throw ApiException.tooLarge(
            "picture_too_large",
            picture.param(),
            "the pictures up to %s have %d pixels; the pictures of a request may have %d: shrink them"
                .formatted(picture.name(), pixels, limits.pixels()));
      }
    }
    return sizes;
  }

  private long checkedTiles(List<Dimensions> sizes, PruningPlan plan) {
    // A model without other levels refuses a plan that asks for them.
    ImageTiler used = plan.zoom() == 1 ? tiler : tiler.scaled(plan.zoom()).orElse(tiler);
    long tiles = sizes.isEmpty() ? 0 : used.tiles(sizes);
    long encoded = tiles + coarserCrops(sizes, plan);
    if (encoded > limits.tiles()) {
      throw ApiException.tooLarge(
          "too_many_tiles",
          null,
          "these pictures make %d tiles; a request may have %d: send fewer or smaller pictures"
              .formatted(encoded, limits.tiles()));
    }
    return tiles;
  }

  /** Crops that choose finer ones; they do not enter the prompt. */
  private long coarserCrops(List<Dimensions> sizes, PruningPlan plan) {
    if (!plan.readsCoarseCrops() || sizes.isEmpty()) {
      return 0;
    }
    // The global views are those of the finer level.
    return tiler
        .scaled(plan.zoom() / 2.0)
        .map(level -> level.tiles(sizes) - sizes.size())
        .orElse(0L);
  }

  private Dimensions size(PictureFile picture) {
    try {
      return reader.size(picture.encoded(), picture.name());
    } catch (IllegalArgumentException e) {
      throw MediaErrors.of(e, "picture", picture);
    }
  }

  private void checkTexts(List<Turn> turns) {
    long characters = 0;
    for (Turn turn : turns) {
      for (Turn.Part part : turn.parts()) {
        if (part instanceof Turn.Part.Text text) {
          characters += text.text().length();
        }
      }
    }
    if (characters > limits.characters()) {
      throw ApiException.tooLarge(
          "prompt_too_long",
          "messages",
          "the texts have %d characters; the texts of a request may have %d: shorten them"
              .formatted(characters, limits.characters()));
    }
  }
}
