package dev.squint.llm.decoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.Set;

/** The table of text embeddings: token ids [S] to [S, D]. Immutable and thread-safe. */
public final class TextEmbeddings implements AutoCloseable {

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;
  private final String output;

  /**
   * Takes over a session with one input of token ids.
   *
   * @throws IllegalArgumentException if the graph takes anything else; the message lists it
   */
  public TextEmbeddings(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
    Set<String> inputs = session.getInputNames();
    Set<String> outputs = session.getOutputNames();
    if (inputs.size() != 1 || outputs.size() != 1) {
      throw new IllegalArgumentException(
          "takes %s and gives %s; Squint knows graphs of token ids to embeddings"
              .formatted(inputs, outputs));
    }
    this.input = inputs.iterator().next();
    this.output = outputs.iterator().next();
  }

  /** Embeddings of these tokens, S * D floats. */
  public FloatBuffer of(long[] ids) {
    try (OrtSession.Result result = run(ids)) {
      return ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer();
    } catch (OrtException e) {
      throw new IllegalStateException("token embeddings failed: " + e.getMessage(), e);
    }
  }

  /** Embeddings of these tokens as a result that the caller closes, [1, S, D]. */
  OrtSession.Result run(long[] ids) throws OrtException {
    long[] shape = {1, ids.length};
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape)) {
      return session.run(Map.of(input, tensor));
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("cannot close the embeddings: " + e.getMessage(), e);
    }
  }
}
