package dev.squint.testing;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of further JVMs for tests. */
public final class JavaProcess {

  private static final List<String> TAKEN_OVER =
      List.of(
          "--enable-native-access",
          "--sun-misc-unsafe-memory-access",
          "--add-opens",
          "-XX:TieredStopAtLevel",
          "-XX:+UseSerialGC",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:-BytecodeVerificationRemote");

  private JavaProcess() {}

  /**
   * A command line with this JVM's program, class path, permissions and ways to start quickly.
   * Without the permissions a later JDK prints warnings.
   *
   * @param options further options of the JVM
   * @param main the class with the main method
   * @return a list that can be extended by arguments
   */
  public static List<String> command(List<String> options, Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> TAKEN_OVER.stream().anyMatch(argument::startsWith))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }
}
