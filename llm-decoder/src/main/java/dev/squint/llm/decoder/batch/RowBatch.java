package dev.squint.llm.decoder.batch;

import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.RowExecutor;
import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.RowCaches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch and their caches: sequences join after their prompt, step together, rest, and
 * leave. Not thread-safe.
 */
final class RowBatch implements AutoCloseable {

  private final RowExecutor steps;
  private final RowCaches caches;
  // Null where a sequence has left.
  private final List<@Nullable SequenceRow> rows = new ArrayList<>();

  /** Without rows. */
  RowBatch(TextEmbeddings embeddings, List<DecoderStage> stages) {
    this.steps = new RowExecutor(embeddings, stages);
    this.caches = RowCaches.empty(stages);
  }

  /** Number of sequences. */
  int size() {
    int size = 0;
    for (SequenceRow row : rows) {
      size += row == null ? 0 : 1;
    }
    return size;
  }

  /** Bytes of memory if this sequence joins. */
  long bytesWith(Prefilled prefilled) {
    return caches.bytesWith(prefilled.caches());
  }

  /**
   * Adds a sequence.
   *
   * @param prefilled its caches; they stay the caller's and are not read again
   */
  void join(SequenceRow row, Prefilled prefilled) {
    if (rows.contains(null)) {
      removeDead();
    }
    caches.add(prefilled.caches());
    rows.add(row);
  }

  /** Removes a sequence. */
  void leave(SequenceRow row) {
    int at = rows.indexOf(row);
    if (at < 0) {
      throw new IllegalArgumentException("the sequence is not in the batch");
    }
    rows.set(at, null);
  }

  /**
   * Decodes one token of some of the sequences.
   *
   * @param tokens ids by sequence
   * @return logits after the tokens, [V] each, by sequence
   */
  Map<SequenceRow, float[]> step(Map<SequenceRow, Long> tokens) {
    int dead = rows.size() - size();
    // Where only rows that move are copied, that costs less than a step with one row more.
    if (dead > 0 && (caches.movesRows() || 2 * dead >= rows.size())) {
      removeDead();
    }
    long[] ids = new long[rows.size()];
    boolean[] moves = new boolean[rows.size()];
    for (int i = 0; i < ids.length; i++) {
      Long token = tokens.get(rows.get(i));
      moves[i] = token != null;
      ids[i] = token == null ? 0 : token;
    }
    List<float[]> logits = steps.step(rows, ids, moves, caches);
    Map<SequenceRow, float[]> moved = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      SequenceRow row = rows.get(i);
      if (moves[i] && row != null) {
        moved.put(row, logits.get(i));
      }
    }
    return moved;
  }

  /** Puts the last sequences into the rows of those that have left. */
  private void removeDead() {
    int live = size();
    int[] kept = new int[live];
    int from = rows.size();
    for (int row = 0; row < live; row++) {
      kept[row] = row;
      if (rows.get(row) == null) {
        do {
          from--;
        } while (rows.get(from) == null);
        kept[row] = from;
        rows.set(row, rows.get(from));
      }
    }
    rows.subList(live, rows.size()).clear();
    caches.keep(kept);
  }

  @Override
  public void close() {
    rows.clear();
    caches.close();
  }
}
