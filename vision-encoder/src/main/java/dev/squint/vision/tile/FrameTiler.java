package dev.squint.vision.tile;

import dev.squint.vision.picture.Picture;
import java.util.List;

/** Scales the frames of videos for one family of models; frames are never cut into crops. */
public final class FrameTiler {

  private final ImageTiler each;

  FrameTiler(ImageTiler each) {
    this.each = each;
  }

  /** Returns the tiles of a single frame. */
  public TiledImage tile(Picture frame) {
    return each.tile(frame);
  }

  /**
   * Returns the tiles of a video's frames, in order. Frames that the encoder takes together are one
   * {@link TiledImage}.
   *
   * @throws IllegalArgumentException if the model does not accept frames of this shape
   */
  public List<TiledImage> tile(List<Picture> frames) {
    return each instanceof SmartResizeTiler pairs
        ? pairs.frames(frames)
        : frames.stream().map(each::tile).toList();
  }

  /** Returns the number of frames that the encoder takes together, at least 1. */
  public int together() {
    return each instanceof SmartResizeTiler pairs ? pairs.layout().temporal() : 1;
  }
}
