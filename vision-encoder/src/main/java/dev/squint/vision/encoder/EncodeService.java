package dev.squint.vision.encoder;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncodeTransport.Description;
import dev.squint.vision.io.ContentHash;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Encodes what other processes ask for, {@link EncodeRequest}. Thread-safe.
 *
 * @param cache the encoder and what it has encoded before
 * @param fingerprint names the encoder, {@link EncoderFingerprint}
 */
public record EncodeService(EncoderCache cache, String fingerprint) implements AutoCloseable {

  /** The encoder of a request is not this one. */
  public static final class OtherEncoderException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    OtherEncoderException() {
      super(
          "the encoder of this replica is not that of the replica that asks; give both the same package and variant");
    }
  }

  /**
   * What other processes must know of the encoder.
   *
   * @throws OtherEncoderException if another encoder is meant
   */
  public Description describe(String meant) {
    check(meant);
    VisionEncoder encoder = cache.encoder();
    List<float[]> lineBreak =
        encoder
            .lineBreak()
            .map(rows -> IntStream.range(0, rows.rows()).mapToObj(rows::row).toList())
            .orElse(List.of());
    return new Description(
        encoder.encodesTilesApart(),
        lineBreak,
        FeatureFormat.names(encoder.ofPrompts()),
        encoder.computedOn());
  }

  private void check(String meant) {
    if (!meant.equals(fingerprint)) {
      throw new OtherEncoderException();
    }
  }

  /**
   * Why the encoder cannot follow a plan, or an empty text.
   *
   * @throws OtherEncoderException if another encoder is meant
   */
  public String refusal(String meant, String plan) {
    check(meant);
    try {
      cache.encoder().check(PruningPlan.parse(plan));
      return "";
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * {@link VisionEncoder#gives}.
   *
   * @throws OtherEncoderException if another encoder is meant
   * @throws IllegalArgumentException if there is no such evidence
   */
  public boolean gives(String meant, String evidence) {
    check(meant);
    return cache.encoder().gives(EvidenceNames.parse(evidence));
  }

  /**
   * Encodes a request.
   *
   * @param request as {@link EncodeRequest#write} gives it
   * @return encoded tiles whose checksum belongs to this request
   * @throws OtherEncoderException if another encoder is meant
   * @throws IllegalArgumentException if the request is damaged, or the encoder cannot do it
   */
  public byte[] encode(byte[] request) {
    EncodeRequest read = EncodeRequest.read(request);
    check(read.fingerprint());
    return FeatureFormat.write(
        ContentHash.of(request), cache.encode(read.pictures(), read.evidence(), read.plan()));
  }

  @Override
  public void close() {
    cache.encoder().close();
  }
}
