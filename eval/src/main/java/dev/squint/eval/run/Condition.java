package dev.squint.eval.run;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What questions are asked under: a pruning plan, or as a baseline the unpruned model on pictures
 * with fewer pixels. A picture of which {@code keep} of the pixels are left has as many tokens as
 * pruning to {@code keep} leaves, where the model's tokens follow the picture's size; where they do
 * not, the tokens stay and only what can be seen shrinks (the figures show which).
 *
 * @param plan which visual tokens are looked at
 * @param pixels share of the pixels that is left, in (0, 1]
 */
public record Condition(PruningPlan plan, double pixels) {

  /** All tokens of the original pictures. */
  public static final Condition UNPRUNED = new Condition(PruningPlan.none(), 1);

  private static final Pattern DOWNSAMPLE = Pattern.compile("downsample\\(keep=([0-9.]+)\\)");

  /**
   * Checks the share.
   *
   * @throws IllegalArgumentException if it is not in (0, 1]
   */
  public Condition {
    if (!(pixels > 0 && pixels <= 1)) {
      throw new IllegalArgumentException(
          "downsample keeps a share of pixels in (0, 1] but was given " + pixels);
    }
  }

  /** A picture with fewer pixels, all tokens. */
  public static Condition downsample(double keep) {
    return new Condition(PruningPlan.none(), keep);
  }

  /**
   * Reads a plan, or {@code downsample(keep=0.25)}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static Condition parse(String text) {
    Matcher matcher = DOWNSAMPLE.matcher(text.strip());
    return matcher.matches()
        ? downsample(Double.parseDouble(matcher.group(1)))
        : new Condition(PruningPlan.parse(text), 1);
  }

  /** The pictures as the model is given them. */
  List<Picture> seen(List<Picture> pictures) {
    return pixels == 1 ? pictures : pictures.stream().map(this::smaller).toList();
  }

  private Picture smaller(Picture picture) {
    double scale = Math.sqrt(pixels);
    return Resampler.resize(
        picture,
        (int) Math.max(1, Math.round(picture.width() * scale)),
        (int) Math.max(1, Math.round(picture.height() * scale)),
        ResampleFilter.BICUBIC);
  }

  /** The plan as it prints itself, or the baseline. */
  @Override
  public String toString() {
    return pixels == 1
        ? plan.toString()
        : String.format(Locale.ROOT, "downsample(keep=%s)", Double.toString(pixels));
  }
}
