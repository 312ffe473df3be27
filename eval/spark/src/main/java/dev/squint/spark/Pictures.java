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
record Pictures(List<Picture> pictures, @Nullable VideoFile video) {

  /**
   * An encoded video.
   *
   * @param bytes the file
   * @param name its name in messages
   */
  record VideoFile(byte[] bytes, String name) {}

  /** Copies the list. */
  Pictures {
    pictures = List.copyOf(pictures);
  }

  static Pictures of(List<Picture> pictures) {
    return new Pictures(pictures, null);
  }

  static Pictures ofVideo(byte[] video, String name) {
    return new Pictures(List.of(), new VideoFile(video, name));
  }
}
