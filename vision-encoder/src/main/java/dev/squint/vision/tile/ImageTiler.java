package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import java.util.List;

/** Cuts and scales pictures as one kind of model wants them. */
public interface ImageTiler {

  /**
   * Makes the tiles of a picture that is alone in its request.
   *
   * @throws IllegalArgumentException if the model cannot take a picture of this shape
   */
  TiledImage tile(Picture picture);

  /**
   * Makes the tiles of all pictures of a request, in their order. Some models tile a picture only
   * if it is alone.
   *
   * @throws IllegalArgumentException if the model cannot take one of them
   */
  default List<TiledImage> tile(List<Picture> pictures) {
    return pictures.stream().map(this::tile).toList();
  }

  /** How many tiles {@link #tile(Picture)} makes of a picture of this size. */
  int tiles(Dimensions picture);

  /** How many tiles {@link #tile(List)} makes of pictures of these sizes. */
  default long tiles(List<Dimensions> pictures) {
    return pictures.stream().mapToLong(this::tiles).sum();
  }
}
