package dev.squint.spark;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The driver of {@code squint spark}, started by {@code spark-submit}. */
@Command(
    name = "squint spark",
    description = "Asks the rows of an input on a Spark cluster.",
    mixinStandardHelpOptions = true)
public final class SparkMain implements Callable<Integer> {

  @Mixin private JobOptions options = new JobOptions();

  private SparkMain() {}

  /** Runs the job; the exit code is 0 for success, 2 for wrong usage, 1 for any other error. */
  public static void main(String[] args) {
    CommandLine command = commandLine();
    command.setExecutionExceptionHandler(
        (failure, subcommand, parsed) -> {
          System.err.println("squint spark: " + failure.getMessage());
          if (!(failure instanceof IllegalArgumentException)) {
            failure.printStackTrace(System.err);
          }
          return 1;
        });
    int code = command.execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  static CommandLine commandLine() {
    return new CommandLine(new SparkMain()).setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public Integer call() throws IOException {
    try (SparkSession spark = SparkSession.builder().appName("squint").getOrCreate()) {
      MemoryAdvice.of(options.model, spark.sparkContext().getConf()).ifPresent(System.err::println);
      SparkJob.Result result = new SparkJob(spark, options).run();
      System.err.println(
          String.format(
              Locale.ROOT,
              "%d rows, %d of them asked now in %.1f s (%.2f rows/s), %d with an error; answers are in %s/answers",
              result.rows(),
              result.asked(),
              result.seconds(),
              result.asked() / Math.max(result.seconds(), 1e-3),
              result.errors(),
              options.out));
      return 0;
    }
  }
}
