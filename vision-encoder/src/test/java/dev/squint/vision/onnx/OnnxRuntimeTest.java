package dev.squint.vision.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxRuntimeTest {

  private static final int ABORTED = 128 + 6;

  @TempDir Path home;

  /** ONNX Runtime that reports writes an identifier and a queue below the home directory first. */
  @Test
  void freshProcess_doesNotPrepareToReport() throws IOException, InterruptedException {
    Path graph = home.resolve("graph.onnx");
    try (var in = getClass().getResourceAsStream("/graphs/tiles-one-by-one.onnx")) {
      Files.write(graph, java.util.Objects.requireNonNull(in).readAllBytes());
    }
    List<String> command = JavaProcess.command(List.of("-Duser.home=" + home), Opening.class);
    command.add(graph.toString());
    ProcessBuilder child = new ProcessBuilder(command);
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

  /** Two of three crashed when ONNX Runtime's own hook was the last to let go of it. */
  @Test
  void processKilledWhileItOpensGraphs_endsAsAnyOther() throws IOException, InterruptedException {
    Path graph = home.resolve("graph.onnx");
    try (var in = getClass().getResourceAsStream("/graphs/fused-decoder.onnx")) {
      Files.write(graph, java.util.Objects.requireNonNull(in).readAllBytes());
    }
    List<String> command = JavaProcess.command(List.of(), OpeningForEver.class);
    command.add(graph.toString());
    for (int kill = 0; kill < 6; kill++) {
      Process process =
          new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true).start();
      try (BufferedReader output = process.inputReader()) {
        assertThat(output.readLine()).isEqualTo("opened");
        process.destroy();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isNotEqualTo(ABORTED);
      }
    }
    try (Stream<Path> left = Files.list(home)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("hs_err"));
    }
  }

  /** Runs in the process that is killed. */
  static final class OpeningForEver {

    private OpeningForEver() {}

    public static void main(String[] arguments) {
      for (long opened = 1; ; opened++) {
        OnnxSession.open(Path.of(arguments[0]), SessionSettings.DEFAULT).close();
        if (opened == 2) {
          System.out.println("opened");
        }
      }
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
