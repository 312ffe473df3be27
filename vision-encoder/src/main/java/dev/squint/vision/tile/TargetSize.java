package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;

/**
 * To what size a picture is resized, one kind for each form of {@code size} in the configuration.
 */
sealed interface TargetSize {

  /** The new size of a picture of this size. */
  Dimensions of(Dimensions picture);

  /** Squeezed to one size, whatever the aspect. */
  record Exact(Dimensions size) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      return size;
    }
  }

  /** The shorter side gets this length; the aspect is kept, the longer side rounded down. */
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

  /** The shorter side gets one length unless the longer one would then exceed another. */
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

  /** As large as fits into a box, the aspect kept. */
  record Within(Dimensions box) implements TargetSize {
    @Override
    public Dimensions of(Dimensions picture) {
      double scale =
          Math.min(
              (double) box.height() / picture.height(), (double) box.width() / picture.width());
      return new Dimensions((int) (picture.width() * scale), (int) (picture.height() * scale));
    }
  }
}
