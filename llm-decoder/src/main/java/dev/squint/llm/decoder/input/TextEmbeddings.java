package dev.squint.llm.decoder.input;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.Placement;
import dev.squint.vision.onnx.TensorSpec;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/**
 * The table of text embeddings: token ids [S] to [S, D]. Those of some decoders also give what each
 * layer takes for a token. Immutable and thread-safe.
 */
public final class TextEmbeddings implements AutoCloseable {

  private final OnnxSession graph;
  private final String input;
  private final TensorSpec embeddings;
  private final boolean givesLayerInputs;

  /**
   * Takes over a graph with one input of token ids.
   *
   * @throws IllegalArgumentException if the graph takes or returns anything else; the message lists
   *     it
   */
  public TextEmbeddings(OnnxSession graph) {
    this.graph = graph;
    this.givesLayerInputs = graph.outputs().containsKey(LayerInputs.NAME);
    List<TensorSpec> others =
        graph.outputs().values().stream()
            .filter(output -> !output.name().equals(LayerInputs.NAME))
            .toList();
    if (graph.inputs().size() != 1 || others.size() != 1) {
      throw new IllegalArgumentException(
          "%s takes %s and returns %s; Squint needs a graph from token ids to embeddings"
              .formatted(graph.name(), graph.inputs().keySet(), graph.outputs().keySet()));
    }
    this.input = graph.inputs().keySet().iterator().next();
    this.embeddings = others.get(0);
  }

  /**
   * Checks that the embeddings have the size that a decoder takes.
   *
   * @throws IllegalArgumentException if the size of an embedding is another
   */
  public void requireSize(int size) {
    if (embeddings.rank() != 3 || embeddings.fixed(2).orElse(size) != size) {
      throw new IllegalArgumentException(
          "%s returns %s but the decoder takes embeddings of %d values"
              .formatted(graph.name(), embeddings, size));
    }
  }

  /**
   * Checks that the graph gives what each layer takes for a token.
   *
   * @throws IllegalArgumentException if it does not
   */
  public void requireLayerInputs() {
    if (!givesLayerInputs) {
      throw new IllegalArgumentException(
          "%s returns %s but the decoder takes '%s'; use the embed_tokens graph of the same package"
              .formatted(graph.name(), graph.outputs().keySet(), LayerInputs.NAME));
    }
  }

  /** Where the graph is computed. */
  public Placement placement() {
    return graph.placement();
  }

  /** Embeddings of these tokens, S * D floats. */
  public FloatBuffer of(long[] ids) {
    try (OrtSession.Result result = run(ids, 1)) {
      return embeddings(result).getFloatBuffer();
    }
  }

  /** Embeddings of the tokens of B sequences as a result that the caller closes. */
  public OrtSession.Result run(long[] ids, int sequences) {
    try (OnnxTensor tensor = graph.longs(input, ids, sequences, ids.length / sequences)) {
      return graph.run(Map.of(input, tensor), graph.outputs().keySet());
    }
  }

  /** The embeddings in a result, [B, S, D]; closed with it. */
  public OnnxTensor embeddings(OrtSession.Result result) {
    return (OnnxTensor) result.get(embeddings.name()).orElseThrow();
  }

  /** What the layers take for the tokens of a result, one row a token of a sequence. */
  public LayerInputs layerInputs(OrtSession.Result result, int tokens) {
    if (!givesLayerInputs) {
      return LayerInputs.none(tokens);
    }
    OnnxTensor given = (OnnxTensor) result.get(LayerInputs.NAME).orElseThrow();
    return new LayerInputs(
        Tensors.matrix(given, tokens), Tensors.matrix(embeddings(result), tokens));
  }

  @Override
  public void close() {
    graph.close();
  }
}
