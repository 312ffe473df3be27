package dev.squint.vision.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;

/**
 * The one ONNX Runtime of this process. Everybody must get it here: since 1.29 the official builds
 * send names and hashes of the models to their maker, on every system, unless told not to before
 * they start.
 */
public final class OnnxRuntime {

  private OnnxRuntime() {}

  /**
   * Starts ONNX Runtime silently, or gives the one that was started.
   *
   * @throws IllegalStateException if its reporting cannot be switched off
   */
  public static OrtEnvironment environment() {
    return Holder.ENVIRONMENT;
  }

  /** Started at the first use, once. */
  private static final class Holder {
    static final OrtEnvironment ENVIRONMENT = start();

    private static OrtEnvironment start() {
      NativeVariables.setDefault("ORT_DISABLE_TELEMETRY", "1");
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      try {
        // What the variable does elsewhere, this does on Windows.
        environment.setTelemetry(false);
      } catch (OrtException e) {
        throw new IllegalStateException("the telemetry of ONNX Runtime cannot be switched off", e);
      }
      return environment;
    }
  }
}
