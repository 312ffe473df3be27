package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;

/**
 * The way to encoders in other processes. Thread-safe. All methods throw an {@link
 * EncoderUnavailableException} if none answers in time.
 */
public interface EncodeTransport {

  /**
   * What an encoder is.
   *
   * @param tilesApart {@link VisionEncoder#encodesTilesApart}
   * @param lineBreak the rows of {@link VisionEncoder#lineBreak}; empty for none
   * @param ofPrompts names of {@link VisionEncoder#ofPrompts}
   */
  record Description(boolean tilesApart, List<float[]> lineBreak, List<String> ofPrompts) {}

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
   * @return encoded tiles, as {@link EncodeService} gives them
   */
  byte[] encode(byte[] request);
}
