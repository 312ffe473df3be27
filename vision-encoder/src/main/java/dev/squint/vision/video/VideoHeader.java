package dev.squint.vision.video;

import dev.squint.vision.picture.Dimensions;

/**
 * What a video file says about itself, or what its packets say where the header is silent.
 *
 * @param container name of the container, such as {@code mov,mp4,m4a,3gp,3g2,mj2}
 * @param codec name of the codec, such as {@code h264}
 * @param size of the frames as they are shown
 * @param rotation by how many degrees the stored frames are turned clockwise to be shown: 0, 90,
 *     180 or 270
 * @param seconds from the first frame to the end of the last one, above 0
 * @param framesPerSecond frames a second on average, above 0
 * @param frames how many frames there are, at least 1; an estimate where the file does not say it
 */
public record VideoHeader(
    String container,
    String codec,
    Dimensions size,
    int rotation,
    double seconds,
    double framesPerSecond,
    int frames) {

  /** Width of the frames as they are shown, in pixels. */
  public int width() {
    return size.width();
  }

  /** Height of the frames as they are shown, in pixels. */
  public int height() {
    return size.height();
  }

  /** The time at which a frame is shown if all are evenly spaced, in seconds. */
  public double secondsOf(int frame) {
    return frame / framesPerSecond;
  }
}
