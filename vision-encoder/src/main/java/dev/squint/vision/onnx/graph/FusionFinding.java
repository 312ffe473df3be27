package dev.squint.vision.onnx.graph;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.vision.onnx.OnnxRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the attention of a decoder can become one operator. It is found once for each graph and
 * version of ONNX Runtime, and stored.
 *
 * @param scales the factor of the scores of each layer; none if it cannot
 * @param obstacle why it cannot; empty if it can
 */
record FusionFinding(List<Float> scales, String obstacle) {

  FusionFinding {
    scales = List.copyOf(scales);
  }

  /**
   * The finding about a graph.
   *
   * @param folder of the graph in the cache
   * @throws IllegalArgumentException if the file is not an ONNX graph
   * @throws UncheckedIOException if the cache cannot be written
   */
  static FusionFinding of(Path decoder, Path folder) {
    String name =
        "fusion-%s-%s.json"
            .formatted(GraphRewriter.VERSION, OnnxRuntime.environment().getVersion());
    FusionFinding known = read(folder.resolve(name));
    if (known != null) {
      return known;
    }
    // Without a place for the result, the comparison would be repeated at each start.
    GraphCache.create(folder);
    OnnxModel model = OnnxModel.read(decoder);
    FusionFinding found;
    try {
      found = new FusionFinding(FusedAttention.scales(model), "");
    } catch (IllegalArgumentException e) {
      found = new FusionFinding(List.of(), String.valueOf(e.getMessage()));
      if (e.getCause() instanceof OrtException) {
        return found; // It may be for want of memory.
      }
    }
    byte[] json = found.json();
    GraphCache.put(folder, name, channel -> channel.write(ByteBuffer.wrap(json)));
    return found;
  }

  private static @Nullable FusionFinding read(Path file) {
    try {
      return GraphRewriter.JSON.readValue(Files.readAllBytes(file), FusionFinding.class);
    } catch (IOException absentOrDamaged) {
      return null;
    }
  }

  private byte[] json() {
    try {
      return GraphRewriter.JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write a finding: " + e.getMessage(), e);
    }
  }
}
