package dev.squint.vision.onnx.quantize;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.squint.vision.onnx.proto.StringStringEntryProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Stores the constants of a new graph: small ones in the graph, others one after the other in a
 * file beside it. Nothing is held in memory.
 */
final class WeightFile implements AutoCloseable {

  /** Smaller constants stay in the graph, because ONNX Runtime infers shapes from them. */
  private static final int LARGE = 1024;

  /** Weights start at page boundaries, so that they can be memory-mapped. */
  private static final long PAGE = 4096;

  private final String name;
  private final FileChannel channel;
  private long bytes;

  WeightFile(Path file) throws IOException {
    this.name = String.valueOf(file.getFileName());
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** Bytes of all constants so far. */
  long bytes() {
    return bytes;
  }

  /** Stores a constant. */
  TensorProto store(String tensor, int type, List<Long> shape, List<ByteBuffer> content)
      throws IOException {
    TensorProto.Builder stored =
        TensorProto.newBuilder().setName(tensor).setDataType(type).addAllDims(shape);
    long length = content.stream().mapToLong(ByteBuffer::remaining).sum();
    bytes += length;
    if (length < LARGE) {
      ByteString raw = ByteString.EMPTY;
      for (ByteBuffer part : content) {
        raw = raw.concat(UnsafeByteOperations.unsafeWrap(part));
      }
      return stored.setRawData(raw).build();
    }
    long offset = (channel.position() + PAGE - 1) / PAGE * PAGE;
    channel.position(offset);
    for (ByteBuffer part : content) {
      ByteBuffer left = part.duplicate();
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }
    return stored
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", name))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(length)))
        .build();
  }

  /** Stores 32-bit floats. */
  TensorProto store(String tensor, List<Long> shape, float[] values) throws IOException {
    ByteBuffer content =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    content.asFloatBuffer().put(values);
    return store(tensor, TensorTypes.FLOAT, shape, List.of(content));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
