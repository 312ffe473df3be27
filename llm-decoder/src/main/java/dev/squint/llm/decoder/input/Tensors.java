package dev.squint.llm.decoder.input;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.platform.Fp16Conversions;
import dev.squint.pruner.Matrix;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Tensors of floats or halves as matrices. */
public final class Tensors {

  private Tensors() {}

  /** A tensor as a matrix with this number of rows. */
  public static Matrix matrix(OnnxTensor tensor, int rows) {
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return new Matrix(rows, values.length / rows, values);
  }

  /** The heads of [1, heads, rows, d], each [rows, d]. */
  public static List<Matrix> heads(OnnxTensor tensor) {
    return lastRows(tensor, Math.toIntExact(tensor.getInfo().getShape()[2]));
  }

  /** The logits of the last token of each sequence in [B, S, V], B times [V]. */
  public static List<float[]> lastLogits(OnnxTensor tensor) {
    long[] shape = tensor.getInfo().getShape();
    int tokens = Math.toIntExact(shape[1]);
    int vocabulary = Math.toIntExact(shape[2]);
    FloatBuffer buffer = tensor.getFloatBuffer();
    if (shape[0] * tokens == 1 && buffer.hasArray() && buffer.array().length == vocabulary) {
      // The buffer is a copy already. The vocabulary is large, and this runs for each token.
      return List.of(buffer.array());
    }
    List<float[]> logits = new ArrayList<>();
    for (int row = 0; row < shape[0]; row++) {
      float[] last = new float[vocabulary];
      buffer.get(((row + 1) * tokens - 1) * vocabulary, last);
      logits.add(last);
    }
    return logits;
  }

  /** Logits after each token of the only sequence, [1, S, V] to S times [V]. */
  public static List<float[]> allLogits(OnnxTensor tensor) {
    long[] shape = tensor.getInfo().getShape();
    FloatBuffer buffer = tensor.getFloatBuffer();
    List<float[]> logits = new ArrayList<>();
    for (int token = 0; token < shape[1]; token++) {
      float[] of = new float[Math.toIntExact(shape[2])];
      buffer.get(token * of.length, of);
      logits.add(of);
    }
    return logits;
  }

  /**
   * Writes rows of floats into a tensor of floats or halves.
   *
   * @param indices of the rows
   * @param rows their values
   * @param into the tensor's bytes
   * @param size bytes of a row
   */
  public static void put(int[] indices, Matrix rows, ByteBuffer into, int size, OnnxJavaType type) {
    int cols = rows.cols();
    for (int i = 0; i < indices.length; i++) {
      int at = indices[i] * size;
      for (int c = 0; c < cols; c++) {
        float value = rows.get(i, c);
        if (type == OnnxJavaType.FLOAT16) {
          into.putShort(at + c * Short.BYTES, Fp16Conversions.floatToFp16(value));
        } else {
          into.putFloat(at + c * Float.BYTES, value);
        }
      }
    }
  }

  /**
   * A tensor on memory that the caller keeps, which must not be collected before it is closed.
   *
   * @param bytes a direct buffer of at least the size of the shape, from its start
   */
  public static OnnxTensor on(ByteBuffer bytes, OnnxJavaType type, long... shape) {
    long size = type.size;
    for (long dim : shape) {
      size = Math.multiplyExact(size, dim);
    }
    ByteBuffer part = bytes.slice(0, Math.toIntExact(size)).order(ByteOrder.nativeOrder());
    try {
      return OnnxTensor.createTensor(OnnxRuntime.environment(), part, shape, type);
    } catch (OrtException e) {
      throw new IllegalStateException("cannot make a tensor: " + e.getMessage(), e);
    }
  }

  /** The last rows of the heads of [1, heads, rows, d], each [count, d]. */
  public static List<Matrix> lastRows(OnnxTensor tensor, int count) {
    return rows(tensor, Math.toIntExact(tensor.getInfo().getShape()[2]) - count, count);
  }

  /** The first rows of the heads of [1, heads, rows, d], each [count, d]. */
  public static List<Matrix> firstRows(OnnxTensor tensor, int count) {
    return rows(tensor, 0, count);
  }

  private static List<Matrix> rows(OnnxTensor tensor, int first, int count) {
    long[] shape = tensor.getInfo().getShape();
    int rows = Math.toIntExact(shape[2]);
    int size = Math.toIntExact(shape[3]);
    FloatBuffer buffer = tensor.getFloatBuffer();
    List<Matrix> heads = new ArrayList<>();
    for (int head = 0; head < shape[1]; head++) {
      float[] values = new float[count * size];
      buffer.get((head * rows + first) * size, values);
      heads.add(new Matrix(count, size, values));
    }
    return heads;
  }

  /**
   * Heads of [rows, d] each as a tensor of floats or halves, [1, heads, rows + room, d].
   *
   * @param room rows of zeros behind those of each head
   */
  public static OnnxTensor tensor(List<Matrix> heads, int room, OnnxJavaType type) {
    int rows = heads.get(0).rows();
    int size = heads.get(0).cols();
    ByteBuffer bytes = DirectBuffers.bytes((long) heads.size() * (rows + room) * size * type.size);
    for (Matrix head : heads) {
      if (type == OnnxJavaType.FLOAT16) {
        for (float value : head.data()) {
          bytes.putShort(Fp16Conversions.floatToFp16(value));
        }
      } else {
        bytes.asFloatBuffer().put(head.data());
        bytes.position(bytes.position() + head.data().length * Float.BYTES);
      }
      bytes.position(bytes.position() + room * size * type.size);
    }
    return on(bytes, type, 1, heads.size(), (long) rows + room, size);
  }
}
