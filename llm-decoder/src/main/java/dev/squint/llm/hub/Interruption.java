package dev.squint.llm.hub;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A failure after which the request is repeated. */
final class Interruption extends IOException {

  private static final long serialVersionUID = 1;

  /** The wait that the hub requests; null if none. */
  private final transient @Nullable Duration wait;

  Interruption(String message, @Nullable Duration wait, @Nullable Throwable cause) {
    super(message, cause);
    this.wait = wait;
  }

  @Nullable Duration waiting() {
    return wait;
  }
}
