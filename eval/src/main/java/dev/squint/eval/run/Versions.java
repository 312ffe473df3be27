package dev.squint.eval.run;

import ai.onnxruntime.OrtEnvironment;
import java.util.Map;
import java.util.TreeMap;

/** Versions of Squint and of the runtimes that execute its graphs. */
public final class Versions {

  private Versions() {}

  /** Returns the versions by name. */
  public static Map<String, String> here() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("squint", "0.1.0");
    versions.put("onnxruntime", OrtEnvironment.getEnvironment().getVersion());
    return versions;
  }
}
