package dev.squint.vision.onnx.quantize;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.StringStringEntryProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The constants of a graph by name, inside its file or in files beside it.
 *
 * @param folder the folder of the graph's file
 * @param tensors the constants
 */
record StoredTensors(Path folder, Map<String, TensorProto> tensors) {

  /** Bytes of a file that are mapped at once; a mapped buffer holds 2 GiB at most. */
  private static final long PART = 1L << 30;

  static StoredTensors of(GraphProto graph, Path folder) {
    Map<String, TensorProto> tensors = new HashMap<>();
    graph.getInitializerList().forEach(tensor -> tensors.put(tensor.getName(), tensor));
    return new StoredTensors(folder, tensors);
  }

  /**
   * The constant of this name as a matrix; empty if it is not a constant of 32-bit floats in two
   * dimensions.
   */
  Optional<WeightMatrix> matrix(String name) throws IOException {
    TensorProto tensor = tensors.get(name);
    if (tensor == null || tensor.getDataType() != TensorTypes.FLOAT || tensor.getDimsCount() != 2) {
      return Optional.empty();
    }
    int rows = Math.toIntExact(tensor.getDims(0));
    int columns = Math.toIntExact(tensor.getDims(1));
    if (rows == 0 || columns == 0) {
      return Optional.empty();
    }
    if (tensor.getFloatDataCount() > 0) {
      float[] values = new float[tensor.getFloatDataCount()];
      for (int i = 0; i < values.length; i++) {
        values[i] = tensor.getFloatData(i);
      }
      return Optional.of(new WeightMatrix(List.of(FloatBuffer.wrap(values)), rows, columns));
    }
    long row = (long) columns * Float.BYTES;
    List<FloatBuffer> parts =
        bytes(tensor, Math.max(1, PART / row) * row).stream()
            .map(part -> part.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer())
            .toList();
    return Optional.of(new WeightMatrix(parts, rows, columns));
  }

  /**
   * The bytes of a constant that is stored as bytes.
   *
   * @param part largest number of bytes in a buffer
   * @throws IllegalArgumentException if a file is missing or too short
   */
  List<ByteBuffer> bytes(TensorProto tensor, long part) throws IOException {
    if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
      ByteString raw = tensor.getRawData();
      return List.of(raw.asReadOnlyByteBuffer());
    }
    Map<String, String> where = new HashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      where.put(entry.getKey(), entry.getValue());
    }
    Path file = folder.resolve(where.getOrDefault("location", "")).normalize();
    if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "the weights of '%s' are missing: there is no file %s beside the graph; download it too"
              .formatted(tensor.getName(), file.getFileName()));
    }
    long offset = Long.parseLong(where.getOrDefault("offset", "0"));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length =
          where.containsKey("length")
              ? Long.parseLong(where.get("length"))
              : channel.size() - offset;
      if (offset < 0 || length < 0 || offset + length > channel.size()) {
        throw new IllegalArgumentException(
            "%s ends before the weights of '%s'; it is damaged, download it again"
                .formatted(file.getFileName(), tensor.getName()));
      }
      List<ByteBuffer> parts = new ArrayList<>();
      for (long from = 0; from < length; from += part) {
        parts.add(
            channel.map(
                FileChannel.MapMode.READ_ONLY, offset + from, Math.min(part, length - from)));
      }
      return parts;
    }
  }
}
