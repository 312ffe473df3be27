package dev.squint.vision.encoder;

import dev.squint.pruner.Attention;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Matrices and the values of the encoder's kinds of evidence as bytes. */
final class EvidenceValues {

  private static final int MATRIX = 0;
  private static final int ATTENTION = 1;
  private static final int LOGITS = 2;
  private static final int KEYS = 3;
  private static final int CLS_TOKEN = 4;

  private EvidenceValues() {}

  static void write(Object value, DataOutputStream out) throws IOException {
    if (value instanceof Matrix matrix) {
      out.writeByte(MATRIX);
      write(matrix, out);
    } else if (value instanceof Attention attention) {
      out.writeByte(ATTENTION);
      out.writeBoolean(attention.substitute());
      write(attention.perHead(), out);
    } else if (value instanceof Logits logits) {
      out.writeByte(LOGITS);
      out.writeBoolean(logits.substitute());
      write(logits.perHead(), out);
    } else if (value instanceof Keys keys) {
      out.writeByte(KEYS);
      out.writeInt(keys.heads());
      write(keys.rows(), out);
    } else if (value instanceof ClsToken cls) {
      out.writeByte(CLS_TOKEN);
      write(cls.queries(), out);
      write(cls.keys(), out);
    } else {
      throw new IllegalArgumentException(
          "there is no binary form of %s; add one to EvidenceValues"
              .formatted(value.getClass().getSimpleName()));
    }
  }

  static Object read(DataInputStream in) throws IOException {
    int type = in.readUnsignedByte();
    return switch (type) {
      case MATRIX -> matrix(in);
      case ATTENTION -> {
        boolean ofAll = in.readBoolean();
        yield new Attention(matrix(in), ofAll);
      }
      case LOGITS -> {
        boolean ofMean = in.readBoolean();
        yield new Logits(matrix(in), ofMean);
      }
      case KEYS -> {
        int heads = in.readInt();
        yield new Keys(matrix(in), heads);
      }
      case CLS_TOKEN -> new ClsToken(matrix(in), matrix(in));
      default -> throw new IOException("has a value of the unknown type " + type);
    };
  }

  /** A number of things of which each takes a byte at least. */
  static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > in.available()) {
      throw new IOException("counts more than there is");
    }
    return count;
  }

  private static void write(Matrix matrix, DataOutputStream out) throws IOException {
    out.writeInt(matrix.rows());
    out.writeInt(matrix.cols());
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(matrix.bytes()));
    bytes.asFloatBuffer().put(matrix.data());
    out.write(bytes.array());
  }

  private static Matrix matrix(DataInputStream in) throws IOException {
    int rows = in.readInt();
    int cols = in.readInt();
    // In bytes, the largest shapes would pass as negative numbers.
    long values = (long) rows * cols;
    if (rows < 0 || cols < 0 || values > in.available() / Float.BYTES) {
      throw new IOException("has fewer numbers than its shape says");
    }
    float[] data = new float[(int) values];
    ByteBuffer.wrap(in.readNBytes(Float.BYTES * data.length)).asFloatBuffer().get(data);
    return new Matrix(rows, cols, data);
  }
}
