package dev.squint.llm.hub;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A failure that may be gone when the request is made again. */
final class Interruption extends IOException {

  private static final long serialVersionUID = 1;

  /** How long the hub asks to wait; null if it does not. */
  private final transient @Nullable Duration wait;

  Interruption(String message, @Nullable Duration wait, @Nullable Throwable cause) {
    super(message, cause);
    this.wait = wait;
  }

  @Nullable Duration waiting() {
    return wait;
  }
}
