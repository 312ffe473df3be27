package dev.squint.vision.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhysicalCoresTest {

  @TempDir private Path folder;

  private void processors(String... siblings) throws IOException {
    for (int i = 0; i < siblings.length; i++) {
      Path topology = Files.createDirectories(folder.resolve("cpu" + i + "/topology"));
      Files.writeString(topology.resolve("thread_siblings_list"), siblings[i] + "\n");
    }
    Files.createDirectories(folder.resolve("cpufreq"));
  }

  @Test
  void threadsOfACore_countOnce() throws IOException {
    processors("0,2", "1,3", "0,2", "1,3");
    assertThat(PhysicalCores.count(folder, 4)).isEqualTo(2);
  }

  @Test
  void coresOfAVirtualMachine_countEach() throws IOException {
    processors("0", "1");
    assertThat(PhysicalCores.count(folder, 2)).isEqualTo(2);
  }

  @Test
  void aContainersLimit_isKept() throws IOException {
    processors("0", "1", "2", "3");
    assertThat(PhysicalCores.count(folder, 1)).isEqualTo(1);
  }

  @Test
  void whereNothingIsListed_theNumberIsNotKnown() throws IOException {
    assertThat(PhysicalCores.count(folder.resolve("none"), 8)).isZero();
    Files.createDirectories(folder.resolve("cpu0"));
    assertThat(PhysicalCores.count(folder, 8)).isZero();
  }
}
