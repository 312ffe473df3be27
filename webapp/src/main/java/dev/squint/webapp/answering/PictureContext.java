package dev.squint.webapp.answering;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TiledImage;
import dev.squint.webapp.http.ApiException;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpStatus;

/**
 * Refuses pictures that exceed the model's context, before they are decoded. This needs an encoder
 * whose tiles have one size and no padding, so that the number of tokens is known.
 */
final class PictureContext {

  /** For models whose number of tokens depends on the picture's size. */
  private static final int UNKNOWN = 0;

  private static final double TOUCH = 1e-6;

  private final VisionLanguageModel model;
  private final int tokensPerTile;

  /** Encodes one blank tile to count its tokens. */
  PictureContext(VisionLanguageModel model) {
    this.model = model;
    this.tokensPerTile = tokensPerTile(model);
  }

  private static int tokensPerTile(VisionLanguageModel model) {
    try {
      TiledImage wide = model.tiler().tile(blank(400, 100));
      TiledImage high = model.tiler().tile(blank(100, 400));
      boolean oneSize =
          wide.patchLayout() == null
              && wide.tileWidth() == high.tileWidth()
              && wide.tileHeight() == high.tileHeight();
      return oneSize && isFilled(wide) && isFilled(high)
          ? model.encoder().encode(List.of(wide.only(0)), Set.of()).size()
          : UNKNOWN;
    } catch (IllegalArgumentException | IllegalStateException e) {
      // A model that does not accept such a picture reports it when asked about one.
      return UNKNOWN;
    }
  }

  private static Picture blank(int width, int height) {
    return new Picture(width, height, new byte[3 * width * height]);
  }

  private static boolean isFilled(TiledImage picture) {
    return picture.tiles().stream()
        .allMatch(
            tile -> {
              Region region = tile.region();
              return region.left() >= -TOUCH
                  && region.top() >= -TOUCH
                  && region.right() <= picture.pictureWidth() + TOUCH
                  && region.bottom() <= picture.pictureHeight() + TOUCH;
            });
  }

  /**
   * Checks the number of tiles of all pictures.
   *
   * @throws ApiException if their tokens alone fill the context
   */
  void check(long tiles, PruningPlan plan) {
    long tokens = tiles * tokensPerTile;
    if (tokens >= model.contextTokens() && !isReducedBefore(plan)) {
      throw exceeded(
          "the pictures have %d tokens in %d tiles, but the context of model %s is %d tokens, question and answer included; send fewer or smaller pictures, or a plan that keeps fewer tokens"
              .formatted(tokens, tiles, model.model().name(), model.contextTokens()));
    }
  }

  private static boolean isReducedBefore(PruningPlan plan) {
    return plan.pictureShare() < 1
        || plan.points().stream().anyMatch(point -> point.compareTo(Point.ENCODER) <= 0);
  }

  /** The error whose code OpenAI's clients know. */
  static ApiException exceeded(String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, "context_length_exceeded", "messages", message);
  }
}
