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
 * An ONNX file. Weights are not copied: those inside the file are views of the memory-mapped file,
 * those in separate files are not read.
 *
 * @param file the path of the file
 * @param proto the content
 */
public record OnnxModel(Path file, ModelProto proto) {

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is missing or not an ONNX graph
   */
  public static OnnxModel read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + " does not exist or is not a file; check the path");
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
        throw new IllegalArgumentException(file + " is not an ONNX graph: it has no nodes");
      }
      return new OnnxModel(file, proto);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(file + " is not an ONNX graph: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  GraphProto graph() {
    return proto.getGraph();
  }

  /** The name of the file, for messages. */
  String name() {
    return String.valueOf(file.getFileName());
  }
}
