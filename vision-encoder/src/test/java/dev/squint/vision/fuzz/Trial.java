package dev.squint.vision.fuzz;

import dev.squint.vision.picture.DecodeBudget;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoReader;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/** Gives one file to all decoders. */
final class Trial {

  private static final long MAX_PIXELS = 1_000_000;
  private static final Duration MOST = Duration.ofSeconds(5);

  private Trial() {}

  /**
   * Reads a file as a picture and as a clip.
   *
   * @throws IllegalStateException if a decoder throws what it should not
   */
  static void run(byte[] file) {
    DecodeBudget budget = DecodeBudget.DEFAULT.withMaxPixelVisits(100_000_000).within(MOST);
    PictureReader pictures =
        new PictureReader(MAX_PIXELS, true).withBudget(budget).withBackground(0xffffff);
    expectRefusal(() -> pictures.size(file, "a"));
    expectRefusal(() -> pictures.read(file, "a"));
    if (file.length > 0) {
      expectRefusal(() -> readClip(file, budget));
    }
  }

  private static void readClip(byte[] file, DecodeBudget budget) {
    VideoReader reader = new VideoReader(3600, MAX_PIXELS).withBudget(budget);
    try (Video video = reader.open(file, "a")) {
      double last = video.header().secondsOf(video.header().frames() - 1);
      video.frames(new double[] {last, 0}, frame -> {}, () -> false);
      Clip.read(video, new FrameRule.Uniform(3), ClipOptions.DEFAULT);
    }
  }

  private static void expectRefusal(Runnable reading) {
    try {
      reading.run();
    } catch (IllegalArgumentException | CancellationException refused) {
      if (!String.valueOf(refused.getMessage()).matches("a .*|from .*|decoding of a .*")) {
        throw new IllegalStateException("unclear message: " + refused.getMessage(), refused);
      }
    }
  }
}
