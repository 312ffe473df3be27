package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Kills executors and drivers, which are processes of their own here. */
@EnabledForJreRange(maxVersion = 23, disabledReason = "Spark 4.1's Hadoop does not run on it")
class ClusterTest {

  private static final int PICTURES = 12;

  @TempDir Path temp;

  @Test
  void aKilledExecutorAndAKilledDriver_changeNoRow() throws Exception {
    Path set = SmallSet.draw(temp.resolve("set"), PICTURES);
    Path killed = temp.resolve("killed");
    Path driven = temp.resolve("driven");
    killDriver(set, driven);
    try (SparkSession spark = Sessions.open("local-cluster[1,1,1024]", temp)) {
      killExecutor(spark, set, killed);
      Map<String, String> answers = answers(spark, killed);
      assertThat(answers).hasSize(2 * PICTURES);
      assertThat(
              spark.read().json(killed + "/answers").where("not timings_ms.encode_cached").count())
          .as("rows that had to encode: at most one a picture, fewer if a task was run again")
          .isLessThanOrEqualTo(PICTURES);
      SparkJob.Result rest = job(spark, set, driven).run();
      assertThat(rest.rows()).isEqualTo(2 * PICTURES);
      assertThat(rest.asked())
          .as("rows that the killed driver left")
          .isBetween(1L, 2L * PICTURES - 1);
      assertThat(answers(spark, driven)).isEqualTo(answers);
    }
  }

  private static SparkJob job(SparkSession spark, Path set, Path out) {
    JobOptions options = new JobOptions();
    new CommandLine(options)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(arguments(set, out).toArray(String[]::new));
    return new SparkJob(spark, options);
  }

  private static List<String> arguments(Path set, Path out) {
    return List.of(
        "--in=" + set,
        "--out=" + out,
        "--model=" + SmallSet.MODEL,
        "--plan=encoder:random(keep=0.5)",
        "--commit-rows=4");
  }

  private static void killExecutor(SparkSession spark, Path set, Path out) throws Exception {
    ExecutorService background = Executors.newSingleThreadExecutor();
    try {
      Future<SparkJob.Result> running = background.submit(() -> job(spark, set, out).run());
      await(() -> running.isDone() || committed(out), "a first commit");
      List<ProcessHandle> executors =
          ProcessHandle.current().descendants().filter(ClusterTest::isExecutor).toList();
      assertThat(executors).hasSize(1);
      assertThat(running.isDone()).as("the job ended before the kill").isFalse();
      executors.get(0).destroyForcibly();
      assertThat(running.get().errors()).isZero();
    } finally {
      background.shutdown();
    }
  }

  private static boolean isExecutor(ProcessHandle process) {
    // The class path makes the command line too long to be read; nothing else starts a JVM here.
    return process.info().command().orElse("").endsWith("java");
  }

  private static void killDriver(Path set, Path out) throws Exception {
    List<String> command =
        JavaProcess.command(
            List.of(
                "-Dspark.master=local[2]",
                "-Dspark.ui.enabled=false",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1",
                "-Dspark.sql.shuffle.partitions=2"),
            SparkMain.class);
    command.addAll(arguments(set, out));
    File log = out.resolveSibling("driver.log").toFile();
    Process driver =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    await(() -> !driver.isAlive() || committed(out), "a first commit of the driver");
    assertThat(driver.isAlive()).as("the driver ended: " + Files.readString(log.toPath())).isTrue();
    driver.destroyForcibly().waitFor();
  }

  private static boolean committed(Path out) {
    try (Stream<Path> files = Files.list(out.resolve("answers"))) {
      return files.anyMatch(
          file -> file.getFileName().toString().startsWith("part-") && file.toFile().length() > 0);
    } catch (IOException e) {
      return false;
    }
  }

  private static void await(BooleanSupplier event, String what) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
    while (!event.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long for " + what).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private static Map<String, String> answers(SparkSession spark, Path out) {
    Map<String, String> answers = new HashMap<>();
    for (Row row : spark.read().json(out + "/answers").collectAsList()) {
      String key = row.getAs("plan") + "|" + row.getAs("id");
      assertThat(answers.put(key, row.getAs("text"))).as("a second row of " + key).isNull();
    }
    return answers;
  }
}
