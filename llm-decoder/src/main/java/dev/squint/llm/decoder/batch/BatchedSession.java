package dev.squint.llm.decoder.batch;

import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.session.PrefillReport;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.llm.decoder.stage.DecoderStage;
import java.util.List;

/** A sequence that decodes together with others. Not thread-safe. */
final class BatchedSession implements DecodingSession {

  private final BatchLoop loop;
  private final BatchRow row;
  private final PrefillReport report;
  private final List<DecoderStage> stages;
  private final List<Integer> promptTokens;
  private float[] logits;
  private int appended;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   */
  BatchedSession(
      BatchLoop loop, List<DecoderStage> stages, SequenceRow sequence, Prefilled prefilled) {
    this.loop = loop;
    this.stages = stages;
    this.report = prefilled.report();
    this.logits = prefilled.logits();
    this.promptTokens = prefilled.caches().tokens(0);
    this.row = loop.join(sequence, prefilled);
  }

  @Override
  public float[] logits() {
    return logits;
  }

  @Override
  public void append(long token) {
    logits = loop.step(row, token);
    appended++;
  }

  @Override
  public List<Integer> cachedTokens() {
    return promptTokens.stream().map(tokens -> tokens + appended).toList();
  }

  @Override
  public long cacheBytes() {
    long bytes = 0;
    for (int i = 0; i < stages.size(); i++) {
      bytes += stages.get(i).signature().cacheBytesPerToken() * (promptTokens.get(i) + appended);
    }
    return bytes;
  }

  @Override
  public PrefillReport report() {
    return report;
  }

  @Override
  public void close() {
    loop.leave(row);
  }
}
