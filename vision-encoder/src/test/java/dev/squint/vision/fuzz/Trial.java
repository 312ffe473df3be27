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
  private static final long MAX_VISITS = 100_000_000;

  /** Long, since the command runs beside other work; it measures the processor's time itself. */
  private static final Duration MOST = Duration.ofSeconds(30);

  private static final PictureReader PLAIN = new PictureReader(MAX_PIXELS, true);
  private static final PictureReader ON_WHITE = PLAIN.withBackground(0xffffff);

  /** The result of a file. */
  enum Outcome {
    READ,
    REFUSED,
    STOPPED
  }

  private Trial() {}

  /**
   * Reads a file as a picture and as a clip.
   *
   * @param seed chooses whether transparency is read, and the order of the frames
   * @throws IllegalStateException if a decoder throws what it should not
   */
  static Outcome run(byte[] file, long seed) {
    DecodeBudget budget = DecodeBudget.DEFAULT.withMaxPixelVisits(MAX_VISITS).within(MOST);
    PictureReader pictures = (seed % 2 == 0 ? PLAIN : ON_WHITE).withBudget(budget);
    Outcome size = outcome(() -> pictures.size(file, "a"));
    Outcome picture = outcome(() -> pictures.read(file, "a"));
    if (picture == Outcome.READ && size != Outcome.READ) {
      throw new IllegalStateException("a picture was read whose size was refused");
    }
    Outcome clip =
        file.length == 0 ? Outcome.REFUSED : outcome(() -> readClip(file, budget, seed % 4 == 0));
    if (picture == Outcome.STOPPED || clip == Outcome.STOPPED) {
      return Outcome.STOPPED;
    }
    return picture == Outcome.READ || clip == Outcome.READ ? Outcome.READ : Outcome.REFUSED;
  }

  private static void readClip(byte[] file, DecodeBudget budget, boolean backwards) {
    VideoReader reader = new VideoReader(3600, MAX_PIXELS).withBudget(budget);
    try (Video video = reader.open(file, "a")) {
      if (backwards) {
        double last = video.header().secondsOf(video.header().frames() - 1);
        video.frames(new double[] {last, 0}, frame -> {}, () -> false);
      }
      Clip.read(video, new FrameRule.Uniform(3), ClipOptions.DEFAULT);
    }
  }

  private static Outcome outcome(Runnable reading) {
    try {
      reading.run();
      return Outcome.READ;
    } catch (IllegalArgumentException | CancellationException refused) {
      if (!String.valueOf(refused.getMessage()).matches("a .*|from .*|decoding of a .*")) {
        throw new IllegalStateException("unclear message: " + refused.getMessage(), refused);
      }
      return refused instanceof CancellationException ? Outcome.STOPPED : Outcome.REFUSED;
    }
  }
}
