package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.Device;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to encoders in other processes. Thread-safe. All methods throw an {@link
 * EncoderUnavailableException} if none answers in time.
 */
public interface EncodeTransport {

  /**
   * What other processes need to know of an encoder.
   *
   * @param tilesApart {@link VisionEncoder#encodesTilesApart}
   * @param lineBreak the rows of {@link VisionEncoder#lineBreak}; empty for none
   * @param ofPrompts names of {@link VisionEncoder#ofPrompts}
   * @param device {@link VisionEncoder#computedOn}; the processor if a replica does not say it
   */
  record Description(
      boolean tilesApart,
      List<float[]> lineBreak,
      List<String> ofPrompts,
      Device.@Nullable Kind device) {

    /** The device. */
    Device.Kind computedOn() {
      return device == null ? Device.Kind.CPU : device;
    }
  }

  /**
   * Describes an encoder; waits until one answers, or the thread is interrupted.
   *
   * @param fingerprint the encoder that is meant, {@link EncoderFingerprint}
   */
  Description describe(String fingerprint);

  /**
   * Why an encoder cannot follow a plan, or an empty text.
   *
   * @see VisionEncoder#check
   */
  String refusal(String fingerprint, PruningPlan plan);

  /** {@link VisionEncoder#gives}. */
  boolean gives(String fingerprint, Evidence<?> evidence);

  /**
   * Encodes a request.
   *
   * @param request as {@link EncodeRequest#write} gives it
   * @param mostBytes bytes of the answer; an encoder that answers with more has failed
   * @return encoded tiles, as {@link EncodeService} gives them
   * @throws java.util.concurrent.CancellationException if the question of this thread is cancelled
   */
  byte[] encode(byte[] request, long mostBytes);

  /**
   * Runs the requests of one question, each of which calls {@link #encode}: as many at the same
   * time as there is room for, one at least.
   *
   * @return the results, in order
   */
  default <T> List<T> run(List<Supplier<T>> requests) {
    return requests.stream().map(Supplier::get).toList();
  }
}
