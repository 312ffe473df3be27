package dev.squint.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * {@code ./squint spark}: starts {@code spark-submit} of the Spark at {@code SPARK_HOME} with
 * Squint's jars. Nothing of Spark is on the class path of this program.
 */
public final class SparkLauncher {

  private static final String MASTER = "--master";
  private static final String CONF = "--conf";
  private static final String INSTALLED = "--installed";

  private SparkLauncher() {}

  /** Starts Spark and exits with its exit code. */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> words = List.of(args);
    if (words.isEmpty() || words.contains("--help") || words.contains("-h")) {
      System.out.println(usage());
      return;
    }
    List<String> command;
    try {
      command = command(words, System.getenv("SPARK_HOME"), jars(ownJar()));
    } catch (IllegalArgumentException e) {
      System.err.println("squint spark: " + e.getMessage());
      System.exit(2);
      return;
    }
    Process spark = new ProcessBuilder(command).inheritIO().start();
    Runtime.getRuntime().addShutdownHook(new Thread(spark::destroy));
    System.exit(spark.waitFor());
  }

  static String usage() {
    CommandLine job = new CommandLine(new JobOptions());
    job.setCommandName("squint spark");
    return """
        Asks the rows of an input on a Spark cluster. SPARK_HOME names a Spark 4 installation.
              --master M         as spark-submit takes it (default: local[*])
              --conf KEY=VALUE   setting of Spark; may be repeated
              --installed DIR    folder with Squint's jars on each node, so that they are not copied
        """
        + job.getUsageMessage();
  }

  /**
   * The command line that starts the driver.
   *
   * @param args of {@code squint spark}
   * @param sparkHome the environment variable SPARK_HOME
   * @param jars Squint's jars, the one with this class first
   * @throws IllegalArgumentException if SPARK_HOME is missing or has no Spark, or an option has no
   *     value
   */
  static List<String> command(List<String> args, @Nullable String sparkHome, List<Path> jars) {
    Path home = home(sparkHome);
    String master = "local[*]";
    @Nullable String installed = null;
    List<String> settings = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (Iterator<String> words = separated(args).iterator(); words.hasNext(); ) {
      String word = words.next();
      if (!List.of(MASTER, INSTALLED, CONF).contains(word)) {
        rest.add(word);
        continue;
      }
      if (!words.hasNext()) {
        throw new IllegalArgumentException(word + " has no value");
      }
      String value = words.next();
      switch (word) {
        case MASTER -> master = value;
        case INSTALLED -> installed = value;
        default -> settings.addAll(List.of(CONF, value));
      }
    }
    String script = File.separatorChar == '\\' ? "spark-submit.cmd" : "spark-submit";
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin").resolve(script).toString());
    command.addAll(List.of(MASTER, master, "--class", SparkMain.class.getName()));
    command.addAll(List.of("--name", "squint"));
    command.addAll(settings);
    command.addAll(List.of("--jars", jarList(jars, master.startsWith("local"), installed)));
    command.add(jars.get(0).toString());
    command.addAll(rest);
    return command;
  }

  // "--master=M" is "--master M", as for the options of the job.
  private static List<String> separated(List<String> args) {
    return args.stream()
        .flatMap(
            word ->
                List.of(MASTER, INSTALLED, CONF).stream()
                        .anyMatch(one -> word.startsWith(one + "="))
                    ? Stream.of(word.split("=", 2))
                    : Stream.of(word))
        .toList();
  }

  // "local:" is a file that each node has; Spark does not copy it to the executors.
  private static String jarList(List<Path> jars, boolean oneMachine, @Nullable String installed) {
    return jars.stream()
        .skip(1)
        .map(
            jar ->
                installed != null
                    ? "local:%s/%s".formatted(installed, jar.getFileName())
                    : oneMachine ? "local:" + jar : jar.toString())
        .collect(Collectors.joining(","));
  }

  private static Path home(@Nullable String home) {
    if (home == null || home.isBlank()) {
      throw new IllegalArgumentException(
          "SPARK_HOME is not set; download Spark 4 from https://spark.apache.org/downloads.html, unpack it and set SPARK_HOME to its folder");
    }
    Path folder = Path.of(home);
    // Without the folder of jars executors would be restarted for ever.
    if (!Files.isDirectory(folder.resolve("jars")) || !Files.isDirectory(folder.resolve("bin"))) {
      throw new IllegalArgumentException(
          "SPARK_HOME is %s, but it lacks the folder bin or jars; set it to a complete Spark 4 installation"
              .formatted(home));
    }
    return folder;
  }

  private static Path ownJar() {
    try {
      return Path.of(
          SparkLauncher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the path of this jar is unknown", e);
    }
  }

  /** The jar and the libraries in the folder {@code lib} beside it. */
  static List<Path> jars(Path jar) {
    List<Path> jars = new ArrayList<>(List.of(jar));
    try (Stream<Path> libraries = Files.list(jar.resolveSibling("lib"))) {
      libraries.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(jars::add);
    } catch (IOException e) {
      throw new UncheckedIOException("there are no libraries beside " + jar, e);
    }
    return jars;
  }
}
