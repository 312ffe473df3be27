package dev.squint.llm.decoder.batch;

import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.session.Drafts;
import dev.squint.llm.decoder.session.PrefillReport;
import java.util.List;

/** A sequence that decodes by itself and takes turns with the others of the model. */
final class SerialSession implements DecodingSession {

  private final DecodingSession session;
  private final Turns turns;

  /**
   * Decodes after a prompt.
   *
   * @param session takes ownership
   */
  SerialSession(DecodingSession session, Turns turns) {
    this.session = session;
    this.turns = turns;
  }

  @Override
  public float[] logits() {
    return session.logits();
  }

  @Override
  public void append(long token) {
    turns.take(
        Turns.Kind.TOKEN,
        () -> {
          session.append(token);
          return token;
        });
  }

  @Override
  public void append(long token, long[] drafts) {
    if (!session.needsRun(token)) {
      session.append(token);
      return;
    }
    turns.take(
        Turns.Kind.TOKEN,
        () -> {
          session.append(token, drafts);
          return token;
        });
  }

  @Override
  public Drafts drafts() {
    return session.drafts();
  }

  @Override
  public List<Integer> cachedTokens() {
    return session.cachedTokens();
  }

  @Override
  public long cacheBytes() {
    return session.cacheBytes();
  }

  @Override
  public PrefillReport report() {
    return session.report();
  }

  @Override
  public void close() {
    session.close();
  }
}
