package dev.squint.spark;

import java.io.File;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark sessions for tests. */
final class Sessions {

  private Sessions() {}

  /**
   * A session without web page.
   *
   * @param work folder for Spark's files
   */
  static SparkSession open(String master, Path work) {
    new File(System.getenv("SPARK_HOME"), "jars").mkdirs();
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(master)
            .appName("squint-test")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            // Compiling each query to classes costs more than the few rows of a test.
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.local.dir", work.resolve("local").toString())
            .config("spark.sql.warehouse.dir", work.resolve("warehouse").toString());
    if (master.startsWith("local-cluster")) {
      builder
          .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
          .config(
              "spark.executor.extraJavaOptions",
              "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions"
                  + " -XX:-BytecodeVerificationRemote")
          .config("spark.executor.memory", "768m");
    }
    return builder.getOrCreate();
  }
}
