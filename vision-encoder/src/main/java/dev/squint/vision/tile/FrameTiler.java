package dev.squint.vision.tile;

import dev.squint.vision.picture.Picture;
import java.util.List;

/** Scales the frames of videos as one kind of model wants them; they are never cut into crops. */
public final class FrameTiler {

  private final ImageTiler each;

  FrameTiler(ImageTiler each) {
    this.each = each;
  }

  /** One frame by itself, as a picture. */
  public TiledImage tile(Picture frame) {
    return each.tile(frame);
  }

  /**
   * The frames of a video in order; those that the encoder takes together are one {@link
   * TiledImage}.
   *
   * @throws IllegalArgumentException if the model cannot take frames of this shape
   */
  public List<TiledImage> tile(List<Picture> frames) {
    return each instanceof SmartResizeTiler pairs
        ? pairs.frames(frames)
        : frames.stream().map(each::tile).toList();
  }

  /** How many frames the encoder takes together, 1 or more. */
  public int together() {
    return each instanceof SmartResizeTiler pairs ? pairs.layout().temporal() : 1;
  }
}
