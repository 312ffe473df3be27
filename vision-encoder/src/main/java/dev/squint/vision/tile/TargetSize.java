package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;

/** The size after resizing, one subtype for each form of {@code size} in the configuration. */
sealed interface TargetSize {

  /** Returns the size after resizing. */
  Dimensions of(Dimensions picture);

  /** A fixed size; the aspect ratio is ignored. */
  record Exact(Dimensions size) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      return size;
    }
  }

  /** A fixed shorter side; the aspect ratio is kept, the longer side is rounded down. */
  record ShortestEdge(int length) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      int width = picture.width();
      int height = picture.height();
      return width <= height
          ? new Dimensions(length, (int) ((double) length * height / width))
          : new Dimensions((int) ((double) length * width / height), length);
    }
  }

  /** A fixed shorter side, or a fixed longer side if that would be exceeded. */
  record BoundedEdges(int shortest, int longest) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      int width = picture.width();
      int height = picture.height();
      double least = Math.min(width, height);
      double most = Math.max(width, height);
      double exact = shortest;
      int length = shortest;
      if (most / least * shortest > longest) {
        exact = longest * least / most;
        length = (int) Math.rint(exact);
      }
      if (least == length) {
        return picture;
      }
      return width < height
          ? new Dimensions(length, (int) (exact * height / width))
          : new Dimensions((int) (exact * width / height), length);
    }
  }

  /** The largest size within a box; the aspect ratio is kept. */
  record Within(Dimensions box) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      double scale =
          Math.min(
              (double) box.height() / picture.height(), (double) box.width() / picture.width());
      return new Dimensions((int) (picture.width() * scale), (int) (picture.height() * scale));
    }
  }

  /**
   * The largest size of whole visual tokens with at most so many of them, also for small pictures;
   * the aspect ratio is about kept (Gemma 4; transformers, {@code image_processing_gemma4.py}).
   *
   * @param most largest number of visual tokens
   * @param token edge of a visual token in pixels
   */
  record TokenBudget(int most, int token) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      double area = (double) picture.height() * picture.width();
      double factor = Math.sqrt((double) most * token * token / area);
      int height = (int) Math.floor(factor * picture.height() / token);
      int width = (int) Math.floor(factor * picture.width() / token);
      if (height == 0) {
        height = 1;
        width = Math.min(picture.width() / picture.height(), most);
      } else if (width == 0) {
        width = 1;
        height = Math.min(picture.height() / picture.width(), most);
      }
      return new Dimensions(width * token, height * token);
    }
  }

  /**
   * Shrunk into a box if it is larger, the aspect ratio kept, then each side rounded up to whole
   * visual tokens (Pixtral, arXiv 2410.07073; transformers, {@code image_processing_pixtral.py}).
   *
   * @param box largest size before it is rounded up
   * @param token size of a visual token
   */
  record WholeTokens(Dimensions box, Dimensions token) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      double ratio =
          Math.max(
              (double) picture.height() / box.height(), (double) picture.width() / box.width());
      double shrink = Math.max(1, ratio);
      return new Dimensions(
          roundedUp((int) Math.floor(picture.width() / shrink), token.width()),
          roundedUp((int) Math.floor(picture.height() / shrink), token.height()));
    }

    /** At least one token, where Python fails. */
    private static int roundedUp(int length, int token) {
      return Math.max(1, (length + token - 1) / token) * token;
    }
  }
}
