package dev.squint.eval.data;

import dev.squint.vision.picture.Picture;

/** Where the pictures of a data set are. Thread-safe. */
public interface PictureStore {

  /**
   * Reads one picture.
   *
   * @param name as the questions call it
   * @throws IllegalArgumentException if it is missing or not a picture
   */
  Picture read(String name);
}
