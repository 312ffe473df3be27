package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer while it is generated: a cache and the next position for each stage, the logits of the
 * token to come. Not thread-safe.
 */
public final class DecodingSession implements AutoCloseable {

  private static final int[] NO_QUERIES = {};

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;
  private final List<StageCache> caches;
  private final long[] nextPositions;
  private final List<StageRun> prefill = new ArrayList<>();
  private float[] logits = {};

  DecodingSession(TextEmbeddings embeddings, List<DecoderStage> stages) {
    this.embeddings = embeddings;
    this.stages = stages;
    this.nextPositions = new long[stages.size()];
    this.caches = new ArrayList<>();
    stages.forEach(stage -> caches.add(stage.emptyCache()));
  }

  /** Logits of the token to come, [V]. */
  public float[] logits() {
    return logits;
  }

  /** Decodes one token more: puts it into the caches and computes the logits after it. */
  public void append(long token) {
    try (OrtSession.Result embedded = embeddings.run(new long[] {token})) {
      OnnxTensor hidden = (OnnxTensor) embedded.get(0);
      for (int i = 0; i < stages.size(); i++) {
        PositionIds position = PositionIds.counting(nextPositions[i]++, 1);
        OrtSession.Result result = stages.get(i).run(hidden, position, NO_QUERIES, caches.get(i));
        hidden = output(i, result);
      }
      takeLogits(hidden);
    }
  }

  /** Position that the next token gets in each stage. */
  public List<Long> nextPositions() {
    return Arrays.stream(nextPositions).boxed().toList();
  }

  /** Tokens that the layers of each stage hold. */
  public List<Integer> cachedTokens() {
    return caches.stream().map(StageCache::length).toList();
  }

  /** Bytes of the cache tensors that are held now. */
  public long cacheBytes() {
    return caches.stream().mapToLong(StageCache::bytes).sum();
  }

  /** What ran during prefill, in its order; a decoder that began anew ran some layers twice. */
  public List<StageRun> prefillRuns() {
    return List.copyOf(prefill);
  }

  /** Runs the prompt through all stages, fewer tokens of it after each where it is pruned. */
  void prefill(PromptEmbeddings prompt, Interlude interlude) {
    @Nullable PromptEmbeddings next = prompt;
    while (next != null) {
      next = runAll(next, interlude);
    }
  }

  /** Runs the stages; gives the prompt with which they are to run anew, if so. */
  private @Nullable PromptEmbeddings runAll(PromptEmbeddings prompt, Interlude interlude) {
    PositionIds positions = prompt.positions();
    long next = prompt.nextPosition();
    try (OnnxTensor embedded = stages.get(0).hidden(prompt)) {
      @Nullable OnnxTensor fewer = null;
      OnnxTensor hidden = embedded;
      for (int i = 0; i < stages.size(); i++) {
        DecoderStage stage = stages.get(i);
        int tokens = positions.tokens();
        int[] queries = interlude.queries(stage.endLayer(), tokens);
        OrtSession.Result result;
        try {
          result = stage.run(hidden, positions, queries, caches.get(i));
        } finally {
          close(fewer);
          fewer = null;
        }
        prefill.add(new StageRun(stage.firstLayer(), stage.endLayer(), tokens));
        hidden = output(i, result);
        nextPositions[i] = next;
        if (i + 1 < stages.size()) {
          StageEnd end = new StageEnd(stage, result, hidden, queries, positions, next);
          Onward onward = interlude.between(end);
          if (onward.anew() != null) {
            forget();
            return onward.anew();
          }
          fewer = end.next(onward);
          hidden = fewer == null ? hidden : fewer;
          positions = onward.positions();
          next = onward.nextPosition();
        }
      }
      takeLogits(hidden);
    }
    return null;
  }

  private void forget() {
    for (int i = 0; i < stages.size(); i++) {
      caches.get(i).close();
      caches.set(i, stages.get(i).emptyCache());
    }
  }

  private static void close(@Nullable OnnxTensor tensor) {
    if (tensor != null) {
      tensor.close();
    }
  }

  private OnnxTensor output(int stage, OrtSession.Result result) {
    return (OnnxTensor) result.get(stages.get(stage).signature().output()).orElseThrow();
  }

  private void takeLogits(OnnxTensor output) {
    long[] shape = output.getInfo().getShape();
    int vocabulary = Math.toIntExact(shape[shape.length - 1]);
    FloatBuffer all = output.getFloatBuffer();
    logits = new float[vocabulary];
    all.position(all.limit() - vocabulary).get(logits);
  }

  @Override
  public void close() {
    caches.forEach(StageCache::close);
  }
}
