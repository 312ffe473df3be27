package dev.squint.llm;

/** A prompt that leaves no room for an answer in the model's context. */
public final class ContextExceeded extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  ContextExceeded(String message) {
    super(message);
  }
}
