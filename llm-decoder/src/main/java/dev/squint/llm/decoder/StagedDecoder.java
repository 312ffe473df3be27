package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import dev.squint.vision.onnx.OnnxSession;
import java.util.List;

/**
 * The decoder: text embeddings and a chain of stages, the last of which gives logits. Immutable and
 * thread-safe; what belongs to one answer is in {@link DecodingSession}.
 */
public final class StagedDecoder implements AutoCloseable {

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;

  /**
   * Takes over a decoder that is one stage.
   *
   * @throws IllegalArgumentException if the graph's inputs or outputs are not a decoder's, or the
   *     embeddings are of another size
   */
  public StagedDecoder(TextEmbeddings embeddings, OnnxSession graph) {
    this.embeddings = embeddings;
    this.stages = List.of(new DecoderStage(graph));
    embeddings.requireSize(hiddenSize());
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
    List<StageCache> caches = stages.stream().map(DecoderStage::emptyCache).toList();
    DecodingSession session =
        new DecodingSession(embeddings, stages, caches, prompt.nextPosition());
    try (OnnxTensor hidden = stages.get(0).hidden(prompt)) {
      session.advance(hidden, prompt.positions());
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  @Override
  public void close() {
    embeddings.close();
    stages.forEach(DecoderStage::close);
  }
}
