package dev.squint.webapp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests the run whose classes the launcher archives. */
class ArchiveRunTest {

  private static final Path PICTURE = RunningServer.PICTURES.resolve("shapes.png");

  private static void run(String... settings) throws IOException {
    String[] arguments = new String[settings.length + 2];
    arguments[0] = PICTURE.toString();
    arguments[1] = "--model=" + RunningServer.MODEL;
    System.arraycopy(settings, 0, arguments, 2, settings.length);
    ArchiveRun.main(arguments);
  }

  @Test
  void asksAQuestionThatIsAnswered_andLeavesNoThreadThatKeepsTheProcess() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    run();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && !thread.isDaemon()) {
        thread.join(RunningServer.PATIENCE.toMillis());
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }

  @Test
  void aRefusedQuestion_fails() {
    assertThatThrownBy(() -> run("--squint.limits.pixels=1"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/v1/chat/completions");
  }
}
