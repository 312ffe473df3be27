package dev.squint.webapp;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that a test needs and that Maven cannot bring. Without it the test is skipped on a
 * developer's machine, and fails where the environment variable {@code CI} is set.
 *
 * @param name for messages
 * @param variable an environment variable that may say where it is
 * @param commands what it may be called
 */
public record Tool(String name, String variable, List<String> commands) {

  /** The shell without windows takes half the processor time. */
  public static final Tool CHROMIUM =
      new Tool(
          "Chromium",
          "CHROMIUM",
          List.of(
              "chromium-headless-shell",
              "chromium",
              "chromium-browser",
              "google-chrome",
              "google-chrome-stable"));

  public static final Tool NODE = new Tool("Node.js", "NODE", List.of("node", "nodejs"));

  public static final Tool NPM = new Tool("npm", "NPM", List.of("npm"));

  public static final Tool REDIS =
      new Tool("Redis or Valkey", "REDIS_SERVER", List.of("redis-server", "valkey-server"));

  /** Debian has it in /usr/sbin, which is not on the path of every user. */
  public static final Tool NGINX = new Tool("nginx", "NGINX", List.of("nginx", "/usr/sbin/nginx"));

  /** Where the program is; skips or fails the test if it is not there. */
  public Path find() {
    Optional<Path> found =
        Stream.concat(Stream.ofNullable(System.getenv(variable)).map(Path::of), onPath())
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty()) {
      missing("%s was not found; install it or set %s".formatted(name, variable));
    }
    return found.orElseThrow();
  }

  /** Skips the test, or fails it in CI. */
  public static void missing(String what) {
    if (System.getenv("CI") != null) {
      throw new AssertionError(what + "; in CI nothing is skipped");
    }
    Assumptions.abort("skipped: " + what);
  }

  private Stream<Path> onPath() {
    List<String> folders = List.of(System.getenv("PATH").split(File.pathSeparator));
    return commands.stream()
        .flatMap(command -> folders.stream().map(folder -> Path.of(folder, command)));
  }
}
