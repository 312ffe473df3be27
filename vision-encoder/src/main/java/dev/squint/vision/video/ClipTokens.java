package dev.squint.vision.video;

import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Matrix;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.List;

/** Features of a clip's frames for methods that run before the encoder. */
public final class ClipTokens {

  private static final int EDGE = 32;

  private ClipTokens() {}

  /** The frames, [F, 32 * 32] grey values, with their times and the motion between them. */
  public static FrameTokens of(Clip clip) {
    List<Picture> pictures = clip.pictures();
    float[] grey = new float[pictures.size() * EDGE * EDGE];
    int at = 0;
    for (Picture picture : pictures) {
      byte[] rgb = Resampler.resize(picture, EDGE, EDGE, ResampleFilter.BILINEAR).rgb();
      for (int i = 0; i < rgb.length; i += 3) {
        grey[at++] = luma(rgb, i) / 255f;
      }
    }
    return FrameTokens.of(
        new Matrix(pictures.size(), EDGE * EDGE, grey), clip.times(), Motion.between(pictures));
  }

  /** Luma of the pixel whose red value is at an index, 0 to 255 (ITU-R BT.601). */
  static int luma(byte[] rgb, int red) {
    return (299 * (rgb[red] & 0xff) + 587 * (rgb[red + 1] & 0xff) + 114 * (rgb[red + 2] & 0xff))
        / 1000;
  }
}
