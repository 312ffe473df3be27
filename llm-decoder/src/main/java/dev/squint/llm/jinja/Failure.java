package dev.squint.llm.jinja;

/** The errors of this package: one line that says what the template did. */
final class Failure {

  private Failure() {}

  /** What Jinja2 or Python refuses too. */
  // The annotation that is asked for is in a library that is not needed otherwise.
  @SuppressWarnings("AnnotateFormatMethod")
  static IllegalArgumentException of(String message, Object... values) {
    return new IllegalArgumentException(message.formatted(values));
  }

  /** What Jinja2 may know and this package does not. */
  static IllegalArgumentException unsupported(String what) {
    return new IllegalArgumentException(
        "%s is not supported in chat templates; write the template without it".formatted(what));
  }
}
