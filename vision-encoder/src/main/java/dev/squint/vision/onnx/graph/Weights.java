package dev.squint.vision.onnx.graph;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.StringStringEntryProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The large initializers of a graph, to be moved into one file that all its stages share.
 *
 * @param offsets byte offset of each in the file
 * @param tensors the initializers by name
 * @param size size of the file in bytes
 */
record Weights(Map<String, Long> offsets, Map<String, TensorProto> tensors, long size) {

  /** Weights start at page boundaries, so that they can be memory-mapped. */
  private static final long PAGE = 4096;

  /**
   * Selects the initializers to move: all large ones that are in the graph's own file as raw bytes.
   */
  static Weights of(GraphProto graph) {
    Map<String, Long> offsets = new LinkedHashMap<>();
    Map<String, TensorProto> tensors = new LinkedHashMap<>();
    long size = 0;
    for (TensorProto tensor : graph.getInitializerList()) {
      ByteString bytes = tensor.getRawData();
      if (bytes.size() >= RewrittenGraph.LARGE) {
        long offset = (size + PAGE - 1) / PAGE * PAGE;
        offsets.put(tensor.getName(), offset);
        tensors.put(tensor.getName(), tensor);
        size = offset + bytes.size();
      }
    }
    return new Weights(offsets, tensors, size);
  }

  /** The graph with references to a file instead of its large initializers. */
  GraphProto movedTo(String file, GraphProto graph) {
    GraphProto.Builder moved = graph.toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto tensor = graph.getInitializer(i);
      Long offset = offsets.get(tensor.getName());
      if (offset != null) {
        moved.setInitializer(
            i,
            tensor.toBuilder()
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", file))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(tensor.getRawData().size()))));
      }
    }
    return moved.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** Writes the file directly from the memory-mapped graph. */
  void write(FileChannel channel) throws IOException {
    for (Map.Entry<String, TensorProto> entry : tensors.entrySet()) {
      channel.position(offsets.getOrDefault(entry.getKey(), 0L));
      for (ByteBuffer bytes : entry.getValue().getRawData().asReadOnlyByteBufferList()) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    }
  }
}
