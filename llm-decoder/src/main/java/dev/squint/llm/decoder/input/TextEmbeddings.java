package dev.squint.llm.decoder.input;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.TensorSpec;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;

/** The table of text embeddings: token ids [S] to [S, D]. Immutable and thread-safe. */
public final class TextEmbeddings implements AutoCloseable {

  private final OnnxSession graph;
  private final String input;
  private final String output;

  /**
   * Takes over a graph with one input of token ids.
   *
   * @throws IllegalArgumentException if the graph takes anything else; the message lists it
   */
  public TextEmbeddings(OnnxSession graph) {
    this.graph = graph;
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw new IllegalArgumentException(
          "%s takes %s and returns %s; Squint needs a graph from token ids to embeddings"
              .formatted(graph.name(), graph.inputs().keySet(), graph.outputs().keySet()));
    }
    this.input = graph.inputs().keySet().iterator().next();
    this.output = graph.outputs().keySet().iterator().next();
  }

  /**
   * Checks that the embeddings have the size that a decoder takes.
   *
   * @throws IllegalArgumentException if the size of an embedding is another
   */
  public void requireSize(int size) {
    TensorSpec embeddings = graph.outputs().values().iterator().next();
    if (embeddings.rank() != 3 || embeddings.fixed(2).orElse(size) != size) {
      throw new IllegalArgumentException(
          "%s returns %s but the decoder takes embeddings of %d values"
              .formatted(graph.name(), embeddings, size));
    }
  }

  /** Embeddings of these tokens, S * D floats. */
  public FloatBuffer of(long[] ids) {
    try (OrtSession.Result result = run(ids, 1)) {
      return ((OnnxTensor) result.get(0)).getFloatBuffer();
    }
  }

  /** Embeddings of the tokens of B sequences as a result that the caller closes, [B, S, D]. */
  public OrtSession.Result run(long[] ids, int sequences) {
    try (OnnxTensor tensor = graph.longs(input, ids, sequences, ids.length / sequences)) {
      return graph.run(Map.of(input, tensor), Set.of(output));
    }
  }

  @Override
  public void close() {
    graph.close();
  }
}
