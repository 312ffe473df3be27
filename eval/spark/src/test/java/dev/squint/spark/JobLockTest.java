package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;

@EnabledForJreRange(maxVersion = 23, disabledReason = "Spark 4.1's Hadoop does not run on it")
class JobLockTest {

  private static final JobLock.Pace QUICK =
      new JobLock.Pace(Duration.ofMillis(20), Duration.ofMillis(600));

  /** A holder that a busy machine stops for seconds still counts as alive. */
  private static final JobLock.Pace PATIENT =
      new JobLock.Pace(Duration.ofMillis(20), Duration.ofMinutes(10));

  @TempDir Path temp;

  private JobFolder folder() {
    return JobFolder.open(temp.toString(), new Configuration());
  }

  @Test
  void aSecondJob_isRefusedUntilTheFirstEnds() {
    try (JobLock first = JobLock.take(folder(), PATIENT)) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> JobLock.take(folder(), PATIENT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another job writes to")
          .hasMessageContaining("give another --out");
    }
    assertThat(temp).isEmptyDirectory();
    JobLock.take(folder(), PATIENT).close();
  }

  @Test
  void whatAKilledDriverLeft_isTaken() throws IOException, InterruptedException {
    Path file = temp.resolve("job.lock");
    Files.writeString(file, "another-machine 1 b5f8 7");
    JobLock.take(folder(), QUICK).close();

    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    // No beat writes the file while the test reads it.
    JobLock.Pace slow = new JobLock.Pace(Duration.ofMinutes(1), Duration.ofMinutes(10));
    try (JobLock own = JobLock.take(folder(), slow)) {
      assertThat(own).isNotNull();
      String text = Files.readString(file);
      String host = text.substring(0, text.indexOf(' '));
      Files.writeString(temp.resolve("left"), "%s %d b5f8 7".formatted(host, ended.pid()));
    }
    Files.move(temp.resolve("left"), file);
    JobLock.take(folder(), PATIENT).close();
    assertThat(file).doesNotExist();
  }
}
