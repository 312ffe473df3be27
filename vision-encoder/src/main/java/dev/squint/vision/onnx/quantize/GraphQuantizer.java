package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.graph.Nodes;
import dev.squint.vision.onnx.graph.OnnxModel;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/**
 * Writes a graph in an 8-bit or 4-bit form. Products with constant matrices and look-ups in
 * embedding tables change; all other nodes and constants stay. Stateless and thread-safe.
 */
public final class GraphQuantizer {

  private GraphQuantizer() {}

  /**
   * Writes a graph in another form, with its weights in {@code TO_data} beside it.
   *
   * @param from a graph whose weights are 32-bit floats
   * @param to the new graph; replaced if it exists
   * @throws IllegalArgumentException if {@code from} is missing or not an ONNX graph, its weights
   *     are missing, or it has no weight that the form can hold
   * @throws UncheckedIOException if the new graph cannot be written
   */
  public static QuantizedGraph write(Path from, Path to, QuantizedForm form) {
    ModelProto model = OnnxModel.read(from).proto();
    Path folder = Objects.requireNonNull(to.toAbsolutePath().getParent());
    String name = String.valueOf(to.getFileName());
    try {
      // Both files get their names at the end. A reader never sees half a graph.
      Path unfinished = Files.createTempDirectory(folder, ".unfinished");
      try {
        Path data = unfinished.resolve(name + "_data");
        QuantizedGraph written;
        GraphProto graph;
        try (WeightFile weights = new WeightFile(data)) {
          NodeReplacer replacer =
              new NodeReplacer(
                  model.getGraph(),
                  StoredTensors.of(
                      model.getGraph(), Objects.requireNonNull(from.toAbsolutePath().getParent())),
                  weights,
                  form);
          graph = replacer.replace();
          written =
              new QuantizedGraph(to, replacer.weights(), replacer.bytesBefore(), weights.bytes());
        }
        if (written.weights() == 0) {
          throw new IllegalArgumentException(
              "%s has no weights of 32-bit floats that %s can hold; quantize the fp32 form of a graph"
                  .formatted(from.getFileName(), form.variant()));
        }
        write(model, graph, unfinished.resolve(name));
        move(data, folder);
        move(unfinished.resolve(name), folder);
        return written;
      } finally {
        Files.deleteIfExists(unfinished.resolve(name + "_data"));
        Files.deleteIfExists(unfinished.resolve(name));
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + to, e);
    }
  }

  private static void move(Path file, Path folder) throws IOException {
    Files.move(
        file,
        folder.resolve(String.valueOf(file.getFileName())),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(ModelProto model, GraphProto graph, Path file) throws IOException {
    ModelProto.Builder written = model.toBuilder().setGraph(graph);
    if (model.getOpsetImportList().stream()
        .noneMatch(set -> set.getDomain().equals(Nodes.MICROSOFT))) {
      written.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(Nodes.MICROSOFT).setVersion(1));
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      written.build().writeTo(out);
    }
  }
}
