package dev.squint.llm.decoder.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.RowCache;
import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.RowCaches;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the next token of the rows of a batch through all stages in one pass. Unlike those of a
 * {@link StepExecutor}, the rows have lengths of their own, and some may rest. Thread-safe; rows
 * and caches are the caller's.
 */
public final class RowExecutor {

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;

  /** Runs these stages on embeddings of this table. */
  public RowExecutor(TextEmbeddings embeddings, List<DecoderStage> stages) {
    this.embeddings = embeddings;
    this.stages = stages;
  }

  /**
   * Decodes one token of each row that moves.
   *
   * @param rows the sequences without policies and exits, B; null where a row is free
   * @param tokens ids, [B]
   * @param moves which rows move; what the others compute is dropped, [B]
   * @param caches of the same rows
   * @return logits after the tokens, B times [V]
   */
  public List<float[]> step(
      List<@Nullable SequenceRow> rows, long[] tokens, boolean[] moves, RowCaches caches) {
    List<float[]> logits;
    try (OrtSession.Result embedded = embeddings.run(tokens, rows.size());
        @Nullable OnnxTensor converted = stages.get(0).converted(embeddings.embeddings(embedded))) {
      OnnxTensor hidden = converted == null ? embeddings.embeddings(embedded) : converted;
      LayerInputs layerInputs = embeddings.layerInputs(embedded, rows.size());
      for (int i = 0; i < stages.size(); i++) {
        DecoderStage stage = stages.get(i);
        RowCache cache = caches.get(i);
        cache.makeRoom(moves);
        OrtSession.Result result = stage.run(hidden, next(rows, i, layerInputs), cache);
        // Each cache owns the result of its own stage, so the next stage can read it.
        cache.advance(result, moves);
        hidden = stage.output(result);
      }
      logits = Tensors.lastLogits(hidden);
    }
    for (int row = 0; row < moves.length; row++) {
      SequenceRow moved = rows.get(row);
      if (moves[row] && moved != null) {
        moved.advance();
      }
    }
    return logits;
  }

  private static NewTokens next(
      List<@Nullable SequenceRow> rows, int stage, LayerInputs layerInputs) {
    long[] positions = new long[rows.size()];
    for (int row = 0; row < positions.length; row++) {
      SequenceRow of = rows.get(row);
      positions[row] = of == null ? 0 : of.nextPosition(stage);
    }
    return NewTokens.next(positions, layerInputs);
  }
}
