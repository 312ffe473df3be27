package dev.squint.llm.decoder.session;

import java.util.Arrays;

/**
 * Drafts of the next tokens: what came after the last tokens when they came before, in the prompt
 * or in the answer. Prompt lookup decoding (Saxena 2023); the newest such place counts. Not
 * thread-safe.
 */
public final class PromptLookup {

  /** How many last tokens must be the same: at best the first number, at least the second. */
  private static final int LONGEST = 3;

  private static final int SHORTEST = 2;

  /** The id of visual tokens, which are no text and never a draft. */
  private static final long NO_TEXT = -1;

  private long[] ids;
  private int size;

  /**
   * Finds drafts in a prompt and its answer.
   *
   * @param prompt its ids, [S]
   * @param notText places of tokens that are not text, such as visual ones
   */
  public PromptLookup(long[] prompt, int[] notText) {
    this.ids = prompt.clone();
    this.size = prompt.length;
    for (int place : notText) {
      ids[place] = NO_TEXT;
    }
  }

  /** Adds a token of the answer. */
  public void add(long token) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, Math.max(16, 2 * size));
    }
    ids[size++] = token;
  }

  /**
   * The tokens that may come next; none if the last tokens did not come before.
   *
   * @param most tokens of the draft
   */
  public long[] drafts(int most) {
    if (most == 0) {
      return new long[0];
    }
    for (int same = LONGEST; same >= SHORTEST; same--) {
      for (int end = size - 1; end >= same; end--) {
        if (isRepeated(end, same)) {
          return from(end, most);
        }
      }
    }
    return new long[0];
  }

  /** Whether the tokens before a place are the last ones. */
  private boolean isRepeated(int end, int same) {
    for (int i = 1; i <= same; i++) {
      if (ids[end - i] != ids[size - i] || ids[size - i] == NO_TEXT) {
        return false;
      }
    }
    return true;
  }

  private long[] from(int start, int most) {
    int end = start;
    while (end < size && end - start < most && ids[end] != NO_TEXT) {
      end++;
    }
    return Arrays.copyOfRange(ids, start, end);
  }
}
