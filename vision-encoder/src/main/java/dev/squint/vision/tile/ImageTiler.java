package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import java.util.List;
import java.util.Optional;

/** Cuts and scales pictures for one family of models. */
public interface ImageTiler {

  /**
   * Returns the tiles of the only picture of a request.
   *
   * @throws IllegalArgumentException if the model does not accept a picture of this shape
   */
  TiledImage tile(Picture picture);

  /**
   * Returns the tiles of all pictures of a request, in their order. Some models cut a picture into
   * crops only if it is the only one.
   *
   * @throws IllegalArgumentException if the model does not accept one of them
   */
  default List<TiledImage> tile(List<Picture> pictures) {
    ImageTiler each = among(pictures.size());
    return pictures.stream().map(each::tile).toList();
  }

  /**
   * Returns what cuts each of several pictures of a request, as {@link #tile(Picture)} does one.
   */
  default ImageTiler among(int pictures) {
    return this;
  }

  /**
   * The same way of cutting for another level of a pyramid, whose pictures are {@code factor} times
   * as high and wide, small ones too; empty if the family has crops of one size of a picture only.
   */
  default Optional<ImageTiler> scaled(double factor) {
    return Optional.empty();
  }

  /** Returns the number of tiles that {@link #tile(Picture)} makes of a picture of this size. */
  int tiles(Dimensions picture);

  /** Returns the number of tiles that {@link #tile(List)} makes of pictures of these sizes. */
  default long tiles(List<Dimensions> pictures) {
    ImageTiler each = among(pictures.size());
    return pictures.stream().mapToLong(each::tiles).sum();
  }
}
