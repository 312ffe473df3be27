package dev.squint.eval.data;

/**
 * Bounding box of an object that a question is about, in pixels of its picture.
 *
 * @param frame index of the picture in the question, from 0
 * @param left left edge
 * @param top upper edge
 * @param right right edge, exclusive
 * @param bottom lower edge, exclusive
 */
public record Box(int frame, double left, double top, double right, double bottom) {

  /**
   * Checks the order of the edges.
   *
   * @throws IllegalArgumentException if the box is empty or the frame is negative
   */
  public Box {
    if (frame < 0 || !(left < right && top < bottom)) {
      throw new IllegalArgumentException(
          "a box needs a frame from 0, left < right and top < bottom but has %d, [%s, %s, %s, %s]"
              .formatted(frame, left, top, right, bottom));
    }
  }
}
