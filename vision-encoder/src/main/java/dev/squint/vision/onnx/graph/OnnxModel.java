package dev.squint.vision.onnx.graph;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A graph's file. Its weights stay where they are: those inside the file are views of the mapped
 * file, those in files beside it are not touched.
 *
 * @param file the path it was read from
 * @param proto the content
 */
record OnnxModel(Path file, ModelProto proto) {

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is missing or not an ONNX graph
   */
  static OnnxModel read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + " does not exist or is not a file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteString bytes =
          UnsafeByteOperations.unsafeWrap(
              channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
      CodedInputStream input = bytes.newCodedInput();
      // Aliasing makes byte fields views of the map instead of copies.
      input.enableAliasing(true);
      ModelProto proto = ModelProto.parseFrom(input);
      if (proto.getGraph().getNodeCount() == 0) {
        throw new IllegalArgumentException(file + " is no ONNX graph: it has no nodes");
      }
      return new OnnxModel(file, proto);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(file + " is no ONNX graph: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  GraphProto graph() {
    return proto.getGraph();
  }

  /** The file's name, for messages. */
  String name() {
    return String.valueOf(file.getFileName());
  }
}
