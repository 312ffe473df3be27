package dev.squint.vision.video;

import dev.squint.vision.picture.Dimensions;

/**
 * What a video file says about itself, and when its packets say that frames are shown.
 *
 * @param container name of the container, such as {@code mov,mp4,m4a,3gp,3g2,mj2}
 * @param codec name of the codec, such as {@code h264}
 * @param size of the frames as they are shown: upright, with square pixels
 * @param orientation how the stored frames are turned and mirrored to be shown, 1 to 8 as in EXIF
 * @param seconds from the first frame to the end of the last one, above 0
 * @param framesPerSecond frames per second on average, above 0
 * @param times when each frame is shown
 */
public record VideoHeader(
    String container,
    String codec,
    Dimensions size,
    int orientation,
    double seconds,
    double framesPerSecond,
    FrameTimes times) {

  /** Width of the frames as they are shown, in pixels. */
  public int width() {
    return size.width();
  }

  /** Height of the frames as they are shown, in pixels. */
  public int height() {
    return size.height();
  }

  /** How many frames there are, at least 1. */
  public int frames() {
    return times.count();
  }

  /** When a frame is shown, in seconds from the first one. */
  public double secondsOf(int frame) {
    return times.at(frame);
  }
}
