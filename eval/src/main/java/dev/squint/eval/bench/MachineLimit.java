package dev.squint.eval.bench;

import ai.onnxruntime.OnnxTensor;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.quantize.GraphQuantizer;
import dev.squint.vision.onnx.quantize.QuantizedForm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How fast this machine multiplies many rows by matrices, and how fast it reads weights for one
 * row, with the operators and threads of a model. Weights of all sessions together take at least
 * {@link #LEAST_BYTES}, so that no cache of a processor holds them.
 */
final class MachineLimit implements AutoCloseable {

  /** Rows of a long prompt. */
  static final int ROWS = 1024;

  static final long LEAST_BYTES = 128L << 20;

  private final MatrixChain chain;
  private final List<OnnxSession> sessions = new ArrayList<>();
  private final long bytes;

  private MachineLimit(
      MatrixChain chain, Path graph, long bytesOfOne, long leastBytes, SessionSettings settings) {
    this.chain = chain;
    int copies = Math.toIntExact((leastBytes + bytesOfOne - 1) / bytesOfOne);
    try {
      for (int i = 0; i < copies; i++) {
        sessions.add(OnnxSession.open(graph, settings));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    this.bytes = copies * bytesOfOne;
  }

  /**
   * Opens products in a form.
   *
   * @param folder an empty folder for graphs
   * @param form empty for 32-bit floats
   * @param leastBytes bytes of weights that all sessions have together at least
   */
  static MachineLimit open(
      Path folder,
      MatrixChain chain,
      Optional<QuantizedForm> form,
      long leastBytes,
      SessionSettings settings) {
    Path graph = chain.write(folder.resolve("chain.onnx"));
    form.ifPresent(it -> GraphQuantizer.write(graph, folder.resolve(it.variant() + ".onnx"), it));
    Path written = form.map(it -> folder.resolve(it.variant() + ".onnx")).orElse(graph);
    return new MachineLimit(chain, written, bytes(written), leastBytes, settings);
  }

  /** Bytes of a graph and of the weights beside it. */
  static long bytes(Path graph) {
    String name = String.valueOf(graph.getFileName());
    try (Stream<Path> files = Files.list(graph.toAbsolutePath().getParent())) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(name))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the folder of " + name, e);
    }
  }

  /** Multiplies {@link #ROWS} rows: billions of operations a second. */
  double gigaflops() {
    return ROWS * chain.operations() / 1e6 / run(sessions.get(0), ROWS);
  }

  /** Multiplies one row by all weights: billions of bytes a second. */
  double gigabytes() {
    double millis = 0;
    for (OnnxSession session : sessions) {
      millis += run(session, 1);
    }
    return bytes / 1e6 / millis;
  }

  /** Number of sessions with weights of their own. */
  int copies() {
    return sessions.size();
  }

  private double run(OnnxSession session, int rows) {
    FloatBuffer values = DirectBuffers.floats((long) rows * chain.side());
    while (values.hasRemaining()) {
      values.put((values.position() % 17 - 8) / 8f);
    }
    try (OnnxTensor tensor =
        session.floats(MatrixChain.INPUT, values.rewind(), rows, chain.side())) {
      Clock start = Clock.now();
      session.run(Map.of(MatrixChain.INPUT, tensor), session.outputs().keySet()).close();
      return start.since().millis();
    }
  }

  @Override
  public void close() {
    sessions.forEach(OnnxSession::close);
  }
}
