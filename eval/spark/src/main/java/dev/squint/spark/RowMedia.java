package dev.squint.spark;

import dev.squint.vision.picture.Picture;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a question is about: pictures, or a video.
 *
 * @param pictures the pictures; empty if there is a video
 * @param video the video, or null
 */
record RowMedia(List<Picture> pictures, @Nullable VideoFile video) {

  /**
   * An encoded video.
   *
   * @param bytes the file
   * @param name its name in messages
   */
  record VideoFile(byte[] bytes, String name) {}

  /** Copies the list. */
  RowMedia {
    pictures = List.copyOf(pictures);
  }

  static RowMedia of(List<Picture> pictures) {
    return new RowMedia(pictures, null);
  }

  static RowMedia ofVideo(byte[] video, String name) {
    return new RowMedia(List.of(), new VideoFile(video, name));
  }
}
