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
}
