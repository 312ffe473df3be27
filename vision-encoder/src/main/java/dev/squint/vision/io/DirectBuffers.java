package dev.squint.vision.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Memory outside the Java heap, in the platform's byte order, as ONNX Runtime reads it. */
public final class DirectBuffers {

  private DirectBuffers() {}

  /**
   * Allocates a number of bytes, all 0.
   *
   * @throws ArithmeticException if they are 2 GiB or more
   */
  public static ByteBuffer bytes(long count) {
    return ByteBuffer.allocateDirect(Math.toIntExact(count)).order(ByteOrder.nativeOrder());
  }

  /**
   * Allocates a number of floats, all 0.
   *
   * @throws ArithmeticException if they take 2 GiB or more
   */
  public static FloatBuffer floats(long count) {
    return bytes(Math.multiplyExact(count, Float.BYTES)).asFloatBuffer();
  }
}
