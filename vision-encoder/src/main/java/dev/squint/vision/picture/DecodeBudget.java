package dev.squint.vision.picture;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Limits the work of decoding one file, and stops it on request.
 *
 * <p>The work is estimated from the headers, before anything is decoded, in visits to a pixel: a
 * baseline JPEG visits each pixel once for each colour, a progressive one does so in each of its
 * scans, an animation repaints its canvas for each frame. A visit takes about a nanosecond.
 *
 * <p>Decoders call {@link #cancelled} between blocks of rows, scans, packets and frames. WebP, the
 * tiles of HEIC and AVIF files, and JPEG files that the JDK refuses are decoded in one call, which
 * cannot be stopped; so what takes more than {@link #ONE_CALL} by its headers is refused.
 *
 * @param maxPixelVisits files that need more are refused, at least 1
 * @param cancelled checked while decoding, true stops it; must be fast and thread-safe
 */
public record DecodeBudget(long maxPixelVisits, BooleanSupplier cancelled) {

  /** A hundred million pixels with 25 visits each. */
  public static final long DEFAULT_MAX_PIXEL_VISITS = 2_500_000_000L;

  /** Most time of one call of a decoder, as estimated for a processor of 2020. */
  public static final Duration ONE_CALL = Duration.ofSeconds(2);

  /** The default bound; decoding stops only when the thread is interrupted. */
  public static final DecodeBudget DEFAULT =
      new DecodeBudget(DEFAULT_MAX_PIXEL_VISITS, () -> false);

  /**
   * Checks the bound.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public DecodeBudget {
    if (maxPixelVisits < 1) {
      throw new IllegalArgumentException(
          "maxPixelVisits must be at least 1 but was " + maxPixelVisits);
    }
  }

  /** Returns these options with another largest number of frames. */
  public DecodeBudget withMaxPixelVisits(long maxPixelVisits) {
    return new DecodeBudget(maxPixelVisits, cancelled);
  }

  /** Returns this budget with one more check that stops decoding. */
  public DecodeBudget cancelledBy(BooleanSupplier other) {
    BooleanSupplier first = cancelled;
    return new DecodeBudget(maxPixelVisits, () -> first.getAsBoolean() || other.getAsBoolean());
  }

  /** Returns this budget with a deadline, counted from now. */
  public DecodeBudget within(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    return cancelledBy(() -> System.nanoTime() - end >= 0);
  }

  /** Whether decoding should stop: as {@link #cancelled} says or the thread is interrupted. */
  public boolean isCancelled() {
    return Thread.currentThread().isInterrupted() || cancelled.getAsBoolean();
  }

  /**
   * Stops decoding if it should stop.
   *
   * @param name what the message calls the file
   * @throws CancellationException if decoding should stop
   */
  public void checkCancelled(String name) {
    if (isCancelled()) {
      throw new CancellationException("decoding of " + name + " was cancelled");
    }
  }

  /**
   * Refuses a file that needs too much work.
   *
   * @param visits visits to a pixel that the file needs, by its header
   * @param name what the message calls the file
   * @param why what makes it so much, such as "5000 scans of 6000 x 6000 pixels"
   * @throws IllegalArgumentException if it is more than the bound
   */
  public void checkCost(long visits, String name, String why) {
    if (visits > maxPixelVisits) {
      throw new IllegalArgumentException(
          "%s needs too much work to decode: %s; save it again as a plain JPEG, PNG or MP4 file"
              .formatted(name, why));
    }
  }

  /**
   * Refuses a file whose decoder would take too long in one call, which cannot be stopped.
   *
   * @param nanos estimate of the longest call, from the headers
   * @param name what the message calls the file
   * @param why what makes it so long, such as "16383 x 16383 pixels in 20000000 bytes"
   * @throws IllegalArgumentException if it is more than {@link #ONE_CALL}
   */
  public static void checkOneCall(long nanos, String name, String why) {
    if (nanos > ONE_CALL.toNanos()) {
      throw new IllegalArgumentException(
          "%s takes more than %d s to decode in one step, which cannot be stopped: %s; shrink it, or save it as a plain JPEG or PNG file"
              .formatted(name, ONE_CALL.toSeconds(), why));
    }
  }
}
