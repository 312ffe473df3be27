package dev.squint.eval.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadBenchTest {

  @TempDir Path folder;

  @Test
  void storedGraphs_lieBesideTheOutput() {
    Path out = folder.resolve("new/bench");
    assertThat(LoadBench.temporary(out)).isDirectory().hasParent(out.getParent());
    assertThat(LoadBench.temporary(out)).isNotEqualTo(LoadBench.temporary(out));
  }
}
