package dev.squint.vision.encoder;

/** An encoder in another process does not answer; the same request may succeed later. */
public final class EncoderUnavailableException extends IllegalStateException {

  private static final long serialVersionUID = 1;

  /** An error whose message says what happened and what to do. */
  public EncoderUnavailableException(String message) {
    super(message);
  }
}
