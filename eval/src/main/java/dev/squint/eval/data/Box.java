package dev.squint.eval.data;

/**
 * Where a thing lies that a question asks about, in pixels of its picture.
 *
 * @param frame which picture of the question, from 0
 * @param left distance from the picture's left edge
 * @param top distance from the picture's upper edge
 * @param right the first column to the right of it
 * @param bottom the first row below it
 */
public record Box(int frame, double left, double top, double right, double bottom) {

  /**
   * Checks the order of the edges.
   *
   * @throws IllegalArgumentException if nothing lies between them or the frame is negative
   */
  public Box {
    if (frame < 0 || !(left < right && top < bottom)) {
      throw new IllegalArgumentException(
          "a box needs a frame from 0, left < right and top < bottom but has %d, [%s, %s, %s, %s]"
              .formatted(frame, left, top, right, bottom));
    }
  }
}
