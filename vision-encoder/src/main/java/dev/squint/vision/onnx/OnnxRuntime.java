package dev.squint.vision.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * The only ONNX Runtime environment of this process. All code must get it from here. Since 1.29,
 * the official builds send names and hashes of models to their vendor, on every platform, unless
 * this is switched off before the environment is created.
 */
public final class OnnxRuntime {

  /** The name of a session's configuration entry for the folder of a graph's weight files. */
  public static final String WEIGHTS_FOLDER =
      "session.model_external_initializers_file_folder_path";

  private OnnxRuntime() {}

  /**
   * Returns the environment; creates it with telemetry switched off at the first call.
   *
   * @throws IllegalStateException if telemetry cannot be switched off
   */
  public static OrtEnvironment environment() {
    return Holder.ENVIRONMENT;
  }

  /**
   * Sets the environment variable that ONNX Runtime reads when it starts. Call this before several
   * threads load native libraries: the C library does not allow that one thread sets a variable
   * while another reads one.
   *
   * @throws IllegalStateException if it cannot be set
   */
  public static void setVariables() {
    NativeVariables.setDefault("ORT_DISABLE_TELEMETRY", "1");
  }

  /**
   * Creates the environment with a thread pool that sessions can share. Its idle threads sleep.
   * Must be called before {@link #environment}.
   *
   * @param settings how many threads the pool has
   * @throws IllegalStateException if the environment exists already
   */
  public static void startWithPool(SessionSettings settings) {
    try (OrtEnvironment.ThreadingOptions pool = new OrtEnvironment.ThreadingOptions()) {
      pool.setGlobalIntraOpNumThreads(settings.operatorThreads());
      pool.setGlobalInterOpNumThreads(1);
      pool.setGlobalSpinControl(false);
      setVariables();
      OrtEnvironment.getEnvironment(
          OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, OrtEnvironment.DEFAULT_NAME, pool);
    } catch (OrtException e) {
      throw new IllegalStateException("cannot create a thread pool: " + e.getMessage(), e);
    }
  }

  /** Creates the environment once, at the first use. */
  private static final class Holder {
    private static final int ERROR_LEVEL = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR.getValue();
    static final OrtEnvironment ENVIRONMENT = start();

    private static OrtEnvironment start() {
      setVariables();
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      try {
        // This call does on Windows what the environment variable does elsewhere.
        environment.setTelemetry(false);
      } catch (OrtException e) {
        throw new IllegalStateException("cannot switch off the telemetry of ONNX Runtime", e);
      }
      holdOnce(environment);
      return environment;
    }

    /**
     * Takes one more reference to the native environment. ONNX Runtime's own shutdown hook releases
     * the only one while answers may still be in progress. Without this, a server that finishes its
     * answers before it exits would crash, and so would a program that is interrupted while it
     * opens a graph.
     */
    private static void holdOnce(OrtEnvironment environment) {
      try {
        Field api =
            Class.forName(OrtEnvironment.class.getPackageName() + ".OnnxRuntime")
                .getDeclaredField("ortApiHandle");
        api.setAccessible(true);
        Method create =
            OrtEnvironment.class.getDeclaredMethod(
                "createHandle", long.class, int.class, String.class);
        create.setAccessible(true);
        create.invoke(null, api.getLong(null), ERROR_LEVEL, OrtEnvironment.DEFAULT_NAME);
      } catch (ReflectiveOperationException | RuntimeException e) {
        // Another version of ONNX Runtime than the pinned one: it shuts down in its own way.
        System.getLogger(OnnxRuntime.class.getName())
            .log(
                System.Logger.Level.DEBUG,
                "cannot keep {0} until the process exits",
                environment,
                e);
      }
    }
  }
}
