package dev.squint.vision.onnx;

import com.sun.jna.Function;
import com.sun.jna.Platform;

/**
 * Sets environment variables of this process for native libraries. Java itself cannot change them.
 */
public final class NativeVariables {

  private NativeVariables() {}

  /**
   * Sets a variable that the process was started without; one that is set already keeps its value.
   * Does nothing on Windows, where each C library has its own copy of the variables.
   *
   * @throws IllegalStateException if the system call fails
   */
  public static void setDefault(String name, String value) {
    if (System.getenv(name) != null || Platform.isWindows()) {
      return;
    }
    int failed =
        Function.getFunction(Platform.C_LIBRARY_NAME, "setenv")
            .invokeInt(new Object[] {name, value, 1});
    if (failed != 0) {
      throw new IllegalStateException(
          "cannot set environment variable %s; set it to %s before starting Java"
              .formatted(name, value));
    }
  }
}
