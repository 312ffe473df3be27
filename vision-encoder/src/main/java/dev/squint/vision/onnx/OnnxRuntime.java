package dev.squint.vision.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

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

  /**
   * Starts ONNX Runtime with a pool of threads that all sessions may share; must come before all
   * else.
   *
   * @param threads how many
   * @param spinning whether threads without work keep a core busy
   * @throws IllegalStateException if ONNX Runtime has been started
   */
  public static void startWithPool(int threads, boolean spinning) {
    try (OrtEnvironment.ThreadingOptions pool = new OrtEnvironment.ThreadingOptions()) {
      pool.setGlobalIntraOpNumThreads(threads);
      pool.setGlobalInterOpNumThreads(1);
      pool.setGlobalSpinControl(spinning);
      NativeVariables.setDefault("ORT_DISABLE_TELEMETRY", "1");
      OrtEnvironment.getEnvironment(
          OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, OrtEnvironment.DEFAULT_NAME, pool);
    } catch (OrtException e) {
      throw new IllegalStateException("a pool of threads cannot be made: " + e.getMessage(), e);
    }
  }

  /** Started at the first use, once. */
  private static final class Holder {
    private static final int ERROR_LEVEL = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR.getValue();
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
      holdOnce(environment);
      return environment;
    }

    /**
     * Takes one reference more to the native environment. ONNX Runtime's own shutdown hook gives
     * back the only one, while answers may still be under way: a server that finishes them before
     * it ends would crash, as would any program that is interrupted while it opens a graph.
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
        // Another version than the one that we chose: it ends as its makers wanted.
        System.getLogger(OnnxRuntime.class.getName())
            .log(System.Logger.Level.DEBUG, "cannot hold {0} until the end", environment, e);
      }
    }
  }
}
