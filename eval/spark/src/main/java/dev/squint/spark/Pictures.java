package dev.squint.spark;

import dev.squint.vision.picture.Picture;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a question is about: pictures, or the encoded bytes of a video.
 *
 * @param pictures the pictures; empty if there is a video
 * @param video a video file, or null
 * @param name name of the video in messages
 */
record Pictures(List<Picture> pictures, byte @Nullable [] video, String name) {

  /** Copies the list; the bytes belong to this record. */
  Pictures {
    pictures = List.copyOf(pictures);
  }

  static Pictures of(List<Picture> pictures) {
    return new Pictures(pictures, null, "");
  }

  static Pictures ofVideo(byte[] video, String name) {
    return new Pictures(List.of(), video, name);
  }
}
