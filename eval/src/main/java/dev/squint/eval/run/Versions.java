package dev.squint.eval.run;

import ai.onnxruntime.OrtEnvironment;
import java.util.Map;
import java.util.TreeMap;

/** Versions of Squint and of what computes its graphs. */
public final class Versions {

  private Versions() {}

  /** By name. */
  public static Map<String, String> here() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("squint", "0.1.0");
    versions.put("onnxruntime", OrtEnvironment.getEnvironment().getVersion());
    return versions;
  }
}
