package dev.squint.vision.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxRuntimeTest {

  @TempDir Path home;

  /** ONNX Runtime that reports writes an identifier and a queue below the home directory first. */
  @Test
  void freshProcess_doesNotPrepareToReport() throws IOException, InterruptedException {
    Path graph = home.resolve("graph.onnx");
    try (var in = getClass().getResourceAsStream("/graphs/tiles-one-by-one.onnx")) {
      Files.write(graph, java.util.Objects.requireNonNull(in).readAllBytes());
    }
    ProcessBuilder child =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Duser.home=" + home,
            Opening.class.getName(),
            graph.toString());
    child.environment().put("HOME", home.toString());
    child
        .environment()
        .keySet()
        .removeAll(List.of("CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"));
    child.redirectErrorStream(true);
    Process process = child.start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    try (Stream<Path> left = Files.walk(home)) {
      assertThat(left.map(Path::toString)).noneMatch(path -> path.contains("Microsoft"));
    }
  }

  /** Runs in the fresh process. */
  static final class Opening {

    private Opening() {}

    public static void main(String[] arguments) {
      OnnxSession.open(Path.of(arguments[0]), SessionSettings.DEFAULT).close();
    }
  }
}
