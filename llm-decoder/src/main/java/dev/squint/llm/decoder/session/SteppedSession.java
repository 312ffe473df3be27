package dev.squint.llm.decoder.session;

/** A session that runs one token at a time. Not thread-safe. */
abstract class SteppedSession extends CachedSession {

  private float[] logits;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   */
  SteppedSession(Prefilled prefilled) {
    super(prefilled);
    this.logits = prefilled.logits();
  }

  /** Runs one more token and returns the logits after it, [V]. */
  abstract float[] step(long token);

  @Override
  public void append(long token) {
    logits = step(token);
  }

  @Override
  public float[] logits() {
    return logits;
  }
}
