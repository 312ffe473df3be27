package dev.squint.llm;

import dev.squint.llm.decoder.session.Drafts;

/**
 * The text of an answer.
 *
 * @param text without white space before it
 * @param reason why it ended
 * @param tokens how many tokens it has, without the stop token
 * @param drafts what came of guessed tokens
 * @param cacheBytes bytes of the decoder's cache at its end
 * @param millis milliseconds for all tokens after the first
 * @param firstTokenMillis milliseconds from the question to the first token
 */
record Generated(
    String text,
    FinishReason reason,
    int tokens,
    Drafts drafts,
    long cacheBytes,
    double millis,
    double firstTokenMillis) {

  /** Of a request that was cancelled before its first token. */
  static final Generated NOTHING =
      new Generated("", FinishReason.CANCELLED, 0, Drafts.NONE, 0, 0, 0);
}
