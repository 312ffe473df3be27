package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder: text embeddings and a chain of stages, the last of which gives logits. Immutable and
 * thread-safe; what belongs to one answer is in {@link DecodingSession}.
 */
public final class StagedDecoder implements AutoCloseable {

  private final OrtEnvironment environment;
  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;

  /**
   * Takes over the sessions of a decoder that is one stage.
   *
   * @throws IllegalArgumentException if the graph's inputs or outputs are not a decoder's
   */
  public StagedDecoder(OrtEnvironment environment, TextEmbeddings embeddings, OrtSession session)
      throws OrtException {
    this.environment = environment;
    this.embeddings = embeddings;
    this.stages = List.of(new DecoderStage(environment, session));
  }

  /** What each stage takes and gives. */
  public List<StageSignature> stages() {
    return stages.stream().map(DecoderStage::signature).toList();
  }

  /** Size of an embedding, D. */
  public int hiddenSize() {
    return stages.get(0).signature().hiddenSize();
  }

  /** Number of layers that keep keys and values. */
  public int cachedLayers() {
    return stages().stream().mapToInt(StageSignature::cachedLayers).sum();
  }

  /** Bytes that one more token adds to the caches. */
  public long cacheBytesPerToken() {
    return stages().stream().mapToLong(StageSignature::cacheBytesPerToken).sum();
  }

  /** The table of text embeddings. */
  public TextEmbeddings embeddings() {
    return embeddings;
  }

  /**
   * Runs a prompt through all stages; the session then holds the logits of the first token.
   *
   * @return one answer's caches and positions, to be closed by the caller
   * @throws IllegalArgumentException if the embeddings have another size than the decoder's
   */
  public DecodingSession prefill(PromptEmbeddings prompt) {
    if (prompt.size() != hiddenSize()) {
      throw new IllegalArgumentException(
          "the prompt has embeddings of %d values but the decoder takes %d"
              .formatted(prompt.size(), hiddenSize()));
    }
    long[] shape = {1, prompt.tokens(), prompt.size()};
    DecodingSession session = null;
    try (OnnxTensor hidden =
        OnnxTensor.createTensor(environment, prompt.values().duplicate(), shape)) {
      List<StageCache> caches = new ArrayList<>();
      for (DecoderStage stage : stages) {
        caches.add(stage.emptyCache());
      }
      session = new DecodingSession(embeddings, stages, caches, prompt.nextPosition());
      session.advance(hidden, prompt.positions());
      return session;
    } catch (OrtException | RuntimeException e) {
      if (session != null) {
        session.close();
      }
      throw new IllegalStateException("prefill failed: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    embeddings.close();
    stages.forEach(DecoderStage::close);
  }
}
