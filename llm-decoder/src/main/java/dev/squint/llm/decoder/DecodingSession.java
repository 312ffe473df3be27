package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * One answer while it is generated: a cache for each stage, the next position, the logits of the
 * token to come. Not thread-safe.
 */
public final class DecodingSession implements AutoCloseable {

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;
  private final List<StageCache> caches;
  private long nextPosition;
  private float[] logits = {};

  DecodingSession(
      TextEmbeddings embeddings,
      List<DecoderStage> stages,
      List<StageCache> caches,
      long nextPosition) {
    this.embeddings = embeddings;
    this.stages = stages;
    this.caches = caches;
    this.nextPosition = nextPosition;
  }

  /** Logits of the token to come, [V]. */
  public float[] logits() {
    return logits;
  }

  /** Decodes one token more: puts it into the caches and computes the logits after it. */
  public void append(long token) {
    try (OrtSession.Result embedded = embeddings.run(new long[] {token})) {
      advance((OnnxTensor) embedded.get(0), new long[] {nextPosition});
      nextPosition++;
    }
  }

  /** Tokens that the layers of each stage hold. */
  public List<Integer> cachedTokens() {
    return caches.stream().map(StageCache::length).toList();
  }

  /** Bytes of the cache tensors that are held now. */
  public long cacheBytes() {
    return caches.stream().mapToLong(StageCache::bytes).sum();
  }

  void advance(OnnxTensor embedded, long[] positions) {
    OnnxTensor hidden = embedded;
    for (int i = 0; i < stages.size(); i++) {
      hidden = stages.get(i).run(hidden, positions, caches.get(i));
    }
    long[] shape = hidden.getInfo().getShape();
    int vocabulary = Math.toIntExact(shape[shape.length - 1]);
    FloatBuffer all = hidden.getFloatBuffer();
    logits = new float[vocabulary];
    all.position(all.limit() - vocabulary).get(logits);
  }

  @Override
  public void close() {
    caches.forEach(StageCache::close);
  }
}
