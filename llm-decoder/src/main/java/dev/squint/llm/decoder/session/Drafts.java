package dev.squint.llm.decoder.session;

/**
 * How many tokens of an answer were guessed before they were chosen.
 *
 * @param tried tokens that ran through the decoder as drafts
 * @param accepted those of them that were chosen, which saved a run each
 */
public record Drafts(int tried, int accepted) {
  /** Nothing was guessed. */
  public static final Drafts NONE = new Drafts(0, 0);
}
