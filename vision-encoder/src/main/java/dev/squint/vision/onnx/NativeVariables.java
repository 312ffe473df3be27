package dev.squint.vision.onnx;

import com.sun.jna.Function;
import com.sun.jna.Platform;

/**
 * The environment variables of this process as native libraries read them, which Java itself can
 * not write.
 */
public final class NativeVariables {

  private NativeVariables() {}

  /**
   * Sets a variable unless whoever started the process has set it. Does nothing on Windows, where
   * every C library has variables of its own.
   *
   * @throws IllegalStateException if the system refuses
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
          "cannot set %s; set it to %s before starting Java".formatted(name, value));
    }
  }
}
