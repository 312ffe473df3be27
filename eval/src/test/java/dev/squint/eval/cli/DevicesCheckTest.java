package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests the exit code of samples/devices/check.sh, with fake Maven, launcher and jq. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a script for bash")
class DevicesCheckTest {

  @TempDir private Path tree;

  @BeforeEach
  void passes() throws IOException {
    Path script = tree.resolve("samples/devices/check.sh");
    Files.createDirectories(script.getParent());
    Files.copy(Path.of("../samples/devices/check.sh"), script);
    script("bin/mvn", ":");
    script("bin/jq", "echo cpu");
    script("squint", "echo red");
  }

  private void script(String name, String body) throws IOException {
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private int check() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "samples/devices/check.sh", "cuda:1")
            .directory(tree.toFile())
            .redirectErrorStream(true);
    builder.environment().put("PATH", tree.resolve("bin") + ":" + System.getenv("PATH"));
    Process process = builder.start();
    printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor();
  }

  private String printed = "";

  @Test
  void passed_endsWithZero() throws Exception {
    assertThat(check()).as(printed).isZero();
    assertThat(printed).contains("): passed").contains("processor: 3 of 3");
    assertThat(tree.resolve("samples/devices/results/cuda-1.md")).hasContent(printed);
  }

  @Test
  void failedConformance_endsWithOne_afterTheReport() throws Exception {
    script(
        "bin/mvn",
        "case \"$*\" in *-Dsquint.test.device=cuda:1*) echo ERROR a test; exit 1;; esac");
    assertThat(check()).as(printed).isEqualTo(1);
    assertThat(printed).contains("): failed").contains("ERROR a test").contains("cuda-1-bench-");
  }

  @Test
  void otherAnswers_endWithOne() throws Exception {
    script("squint", "echo \"$*\"");
    assertThat(check()).as(printed).isEqualTo(1);
    assertThat(printed).contains("): passed").contains("processor: 0 of 3");
  }
}
