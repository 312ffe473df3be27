package dev.squint.llm.decoder.session;

import java.util.List;

/**
 * A sequence that runs a token together with drafts of the tokens after it, all layers on all of
 * them. As long as the chosen tokens equal the drafts, their logits are known already. At the first
 * other token the drafts' rows are dropped from the caches. Not thread-safe.
 */
public final class DraftingSession extends CachedSession {

  private final StepExecutor steps;
  private final SequenceRow row;

  /** Drafts of the last run, and the logits after its first token and after each draft. */
  private long[] drafts = {};

  private List<float[]> logits;
  private int accepted;
  private int allTried;
  private int allAccepted;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership; no policies act on its rows
   */
  public DraftingSession(StepExecutor steps, SequenceRow row, Prefilled prefilled) {
    super(prefilled);
    this.steps = steps;
    this.row = row;
    this.logits = List.of(prefilled.logits());
  }

  @Override
  public void append(long token) {
    append(token, new long[0]);
  }

  @Override
  public boolean needsRun(long token) {
    return accepted == drafts.length || drafts[accepted] != token;
  }

  @Override
  public void append(long token, long[] next) {
    if (!needsRun(token)) {
      accepted++;
      allAccepted++;
      return;
    }
    dropDrafts();
    long[] tokens = new long[next.length + 1];
    tokens[0] = token;
    System.arraycopy(next, 0, tokens, 1, next.length);
    logits = steps.step(row, tokens, caches());
    drafts = next.clone();
    allTried += drafts.length;
  }

  /** Drops what the caches hold of drafts that were not chosen. */
  private void dropDrafts() {
    int tokens = drafts.length - accepted;
    if (tokens > 0) {
      caches().shorten(tokens);
      row.back(tokens);
    }
    logits = List.of(logits());
    drafts = new long[0];
    accepted = 0;
  }

  @Override
  public float[] logits() {
    return logits.get(accepted);
  }

  @Override
  public Drafts drafts() {
    return new Drafts(allTried, allAccepted);
  }

  @Override
  public List<Integer> cachedTokens() {
    dropDrafts();
    return super.cachedTokens();
  }

  @Override
  public long cacheBytes() {
    dropDrafts();
    return super.cacheBytes();
  }
}
