package dev.squint.eval.data;

import dev.squint.vision.picture.Picture;

/** Reads the pictures of a data set. Thread-safe. */
public interface PictureStore {

  /**
   * Reads one picture.
   *
   * @param name name of the picture in the questions
   * @throws IllegalArgumentException if it does not exist or is not a picture
   */
  Picture read(String name);
}
