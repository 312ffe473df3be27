package dev.squint.llm.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How logits change for what prompt and answer have said before. Immutable; {@link #start} begins
 * one answer.
 *
 * @param repetitionPenalty above 0; the logit of each token of prompt or answer is divided by it
 *     where it is positive, else multiplied (arXiv 1909.05858, section 4.1); 1 for none
 * @param noRepeatNgramSize no run of this many tokens comes twice; 0 for none
 * @param badWords runs of tokens that do not occur
 * @param suppressed tokens that do not occur
 * @param suppressedAtBegin tokens that the answer does not begin with
 * @param forcedBegin tokens one of which follows on a prompt of one token, as an encoder-decoder
 *     has; may be empty
 * @param forcedEnd tokens one of which is the last of an answer that reaches its limit; may be
 *     empty
 * @param minNewTokens the fewest tokens of an answer before it may end
 * @param minLength the fewest tokens of prompt and answer together before it may end
 */
public record LogitsRules(
    double repetitionPenalty,
    int noRepeatNgramSize,
    List<List<Integer>> badWords,
    Set<Integer> suppressed,
    Set<Integer> suppressedAtBegin,
    Set<Integer> forcedBegin,
    Set<Integer> forcedEnd,
    int minNewTokens,
    int minLength) {

  /** Logits stay as they are. */
  public static final LogitsRules NONE =
      new LogitsRules(1, 0, List.of(), Set.of(), Set.of(), Set.of(), Set.of(), 0, 0);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public LogitsRules {
    if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
      throw new IllegalArgumentException(
          "repetition_penalty must be above 0 but was " + repetitionPenalty);
    }
    atLeastZero("no_repeat_ngram_size", noRepeatNgramSize);
    atLeastZero("min_new_tokens", minNewTokens);
    atLeastZero("min_length", minLength);
    if (badWords.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException("bad_words_ids has an empty list of tokens");
    }
    badWords = badWords.stream().map(List::copyOf).toList();
    suppressed = Set.copyOf(suppressed);
    suppressedAtBegin = Set.copyOf(suppressedAtBegin);
    forcedBegin = Set.copyOf(forcedBegin);
    forcedEnd = Set.copyOf(forcedEnd);
  }

  private static void atLeastZero(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException("%s must be 0 or more but was %d".formatted(name, value));
    }
  }

  /** The same with another penalty for tokens that have occurred. */
  public LogitsRules withRepetitionPenalty(double penalty) {
    return new LogitsRules(
        penalty,
        noRepeatNgramSize,
        badWords,
        suppressed,
        suppressedAtBegin,
        forcedBegin,
        forcedEnd,
        minNewTokens,
        minLength);
  }

  /** The same with another length of runs that do not come twice; 0 for none. */
  public LogitsRules withNoRepeatNgramSize(int size) {
    return new LogitsRules(
        repetitionPenalty,
        size,
        badWords,
        suppressed,
        suppressedAtBegin,
        forcedBegin,
        forcedEnd,
        minNewTokens,
        minLength);
  }

  /**
   * Begins an answer.
   *
   * @param prompt token ids, [S]
   * @param ends the tokens that end an answer
   * @param maxTokens the limit of the answer
   */
  public Answer start(long[] prompt, Set<Long> ends, int maxTokens) {
    return new Answer(this, prompt, ends, maxTokens);
  }

  /** One answer while it is generated. Not thread-safe. */
  public static final class Answer {

    private final LogitsRules rules;
    private final int[] ends;
    private final int maxTokens;
    private final int promptLength;
    private final Set<Integer> seen = new HashSet<>();
    private int[] ids;
    private int length;

    private Answer(LogitsRules rules, long[] prompt, Set<Long> ends, int maxTokens) {
      this.rules = rules;
      this.ends = ends.stream().mapToInt(Math::toIntExact).toArray();
      this.maxTokens = maxTokens;
      this.promptLength = prompt.length;
      this.ids = new int[prompt.length + 64];
      for (long id : prompt) {
        add(Math.toIntExact(id));
      }
    }

    /** Adds the token that was chosen. */
    public void add(int token) {
      if (length == ids.length) {
        ids = Arrays.copyOf(ids, 2 * length);
      }
      ids[length++] = token;
      seen.add(token);
    }

    /**
     * The logits of the next token as the rules change them, [V]; the same array if they do not.
     */
    public float[] apply(float[] logits) {
      if (rules.equals(NONE)) {
        return logits;
      }
      float[] changed = logits.clone();
      if (rules.repetitionPenalty != 1) {
        penalise(changed);
      }
      if (rules.noRepeatNgramSize > 0) {
        bans().forEach(token -> ban(changed, token));
      }
      rules.badWords.forEach(word -> avoid(changed, word));
      int generated = length - promptLength;
      if (length < rules.minLength || generated < rules.minNewTokens) {
        Arrays.stream(ends).forEach(token -> ban(changed, token));
      }
      if (length == 1) {
        force(changed, rules.forcedBegin);
      }
      if (generated == maxTokens - 1) {
        force(changed, rules.forcedEnd);
      }
      rules.suppressed.forEach(token -> ban(changed, token));
      if (generated == 0) {
        rules.suppressedAtBegin.forEach(token -> ban(changed, token));
      }
      return changed;
    }

    private static void force(float[] logits, Set<Integer> tokens) {
      if (!tokens.isEmpty()) {
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        tokens.forEach(token -> logits[token] = 0);
      }
    }

    private void penalise(float[] logits) {
      float penalty = (float) rules.repetitionPenalty;
      for (int token : seen) {
        if (token < logits.length) {
          logits[token] = logits[token] < 0 ? logits[token] * penalty : logits[token] / penalty;
        }
      }
    }

    // What followed each earlier occurrence of the last tokens.
    private List<Integer> bans() {
      int size = rules.noRepeatNgramSize;
      List<Integer> banned = new ArrayList<>();
      int suffix = length - size + 1;
      for (int at = 0; suffix >= 0 && at + size <= length; at++) {
        if (Arrays.equals(ids, at, at + size - 1, ids, suffix, length)) {
          banned.add(ids[at + size - 1]);
        }
      }
      return banned;
    }

    private void avoid(float[] logits, List<Integer> word) {
      int before = word.size() - 1;
      int last = word.get(before);
      if (before == 0) {
        // A word that is the end of an answer would make it endless.
        if (Arrays.stream(ends).noneMatch(end -> end == last)) {
          ban(logits, last);
        }
        return;
      }
      if (before > length) {
        return;
      }
      for (int i = 0; i < before; i++) {
        if (ids[length - before + i] != word.get(i)) {
          return;
        }
      }
      ban(logits, last);
    }

    private static void ban(float[] logits, int token) {
      if (token < logits.length) {
        logits[token] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
