package dev.squint.llm.decoder.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.StageCache;
import dev.squint.llm.decoder.input.LayerInputs;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the next token of several sequences through all stages in one pass. Sequences of a pass
 * share a cache per stage. Thread-safe; rows and caches are the caller's.
 */
public final class StepExecutor {

  private static final int[] NO_QUERIES = {};
  private static final int[] NEW_TOKEN = {0};

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;

  /** Runs these stages on embeddings of this table. */
  public StepExecutor(TextEmbeddings embeddings, List<DecoderStage> stages) {
    this.embeddings = embeddings;
    this.stages = stages;
  }

  /**
   * Decodes one token of each sequence.
   *
   * @param rows the sequences, B
   * @param tokens ids, [B]
   * @param caches of all sequences in the order of the rows
   * @return logits after the tokens, B times [V]
   */
  List<float[]> step(List<SequenceRow> rows, long[] tokens, StageCaches caches) {
    List<float[]> logits;
    @Nullable StageResult last = null;
    try (OrtSession.Result embedded = embeddings.run(tokens, rows.size());
        @Nullable OnnxTensor converted = stages.get(0).converted(embeddings.embeddings(embedded))) {
      OnnxTensor hidden = converted == null ? embeddings.embeddings(embedded) : converted;
      LayerInputs layerInputs = embeddings.layerInputs(embedded, rows.size());
      for (int i = 0; i < stages.size(); i++) {
        DecoderStage stage = stages.get(i);
        StageCache cache = caches.get(i);
        if (!anyRuns(rows, stage)) {
          // Later tokens skip it too, so its cache is not read again.
          cache.close();
          continue;
        }
        OrtSession.Result result =
            stage.run(hidden, next(rows, i, layerInputs), queries(rows), cache);
        // The output of the stage before has been read, so its tensors can be freed.
        finish(last, rows);
        last = new StageResult(i, stage, cache, result);
        hidden = stage.output(result);
      }
      logits = Tensors.lastLogits(hidden);
    }
    finish(last, rows);
    rows.forEach(SequenceRow::advance);
    return logits;
  }

  /**
   * Runs several tokens of one sequence, all stages on all of them, without policies.
   *
   * @param tokens ids, [S]
   * @param caches of the sequence
   * @return logits after each token, S times [V]
   */
  List<float[]> step(SequenceRow row, long[] tokens, StageCaches caches) {
    List<float[]> logits;
    OrtSession.@Nullable Result last = null;
    try (OrtSession.Result embedded = embeddings.run(tokens, 1);
        @Nullable OnnxTensor converted = stages.get(0).converted(embeddings.embeddings(embedded))) {
      OnnxTensor hidden = converted == null ? embeddings.embeddings(embedded) : converted;
      TokenExtras extras = NewTokens.text(embeddings.layerInputs(embedded, tokens.length));
      for (int i = 0; i < stages.size(); i++) {
        PositionIds positions = PositionIds.counting(row.nextPosition(i), tokens.length);
        last = stages.get(i).runAll(hidden, NewTokens.of(positions, extras), caches.get(i));
        hidden = stages.get(i).output(last);
      }
      logits = Tensors.allLogits(hidden);
    }
    row.advance(tokens.length);
    return logits;
  }

  // Loops, not streams: these run once per stage and token.
  private static boolean anyRuns(List<SequenceRow> rows, DecoderStage stage) {
    for (SequenceRow row : rows) {
      if (row.runs(stage)) {
        return true;
      }
    }
    return false;
  }

  private static NewTokens next(List<SequenceRow> rows, int stage, LayerInputs layerInputs) {
    long[] positions = new long[rows.size()];
    for (int row = 0; row < positions.length; row++) {
      positions[row] = rows.get(row).nextPosition(stage);
    }
    return NewTokens.next(positions, layerInputs);
  }

  private static int[] queries(List<SequenceRow> rows) {
    for (SequenceRow row : rows) {
      if (row.policies().watchesDecoding()) {
        return NEW_TOKEN;
      }
    }
    return NO_QUERIES;
  }

  private static void finish(@Nullable StageResult last, List<SequenceRow> rows) {
    if (last == null) {
      return;
    }
    for (SequenceRow row : rows) {
      row.policies()
          .afterStep(
              last.stage, last.cache, last.result, row.nextPosition(last.number), row.generated());
    }
    last.cache.settle();
  }

  /** The output of a stage until the next one has read it. */
  private record StageResult(
      int number, DecoderStage stage, StageCache cache, OrtSession.Result result) {}
}
