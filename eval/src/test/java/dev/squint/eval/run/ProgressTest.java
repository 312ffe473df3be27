package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final AtomicLong clock = new AtomicLong();
  private final StringWriter text = new StringWriter();

  @Test
  void showsProgressAndRemainingTime_bySpeedOfThisStart() {
    Progress progress = new Progress(new PrintWriter(text), false, 100, clock::get);
    for (int i = 0; i < 40; i++) {
      progress.skip();
    }
    for (int i = 0; i < 10; i++) {
      clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
      progress.step();
    }
    assertThat(text.toString().lines())
        .containsExactly(
            "[###########.............] 48 of 100 answers, 48.0 %, 0.5 per second, 1 min 44 s left");
  }

  @Test
  void onATerminal_theLineIsOverwritten() {
    Progress progress = new Progress(new PrintWriter(text), true, 2, clock::get);
    clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
    progress.step();
    progress.end();
    assertThat(text.toString())
        .startsWith("\r[")
        .contains("1 s left")
        .endsWith(System.lineSeparator());
    assertThat(text.toString().chars().filter(c -> c == '\n')).hasSize(1);
  }

  @Test
  void longTimesAreInHours() {
    assertThat(Progress.duration(59.4)).isEqualTo("59 s");
    assertThat(Progress.duration(3599)).isEqualTo("59 min 59 s");
    assertThat(Progress.duration(7260)).isEqualTo("2 h 01 min");
  }
}
