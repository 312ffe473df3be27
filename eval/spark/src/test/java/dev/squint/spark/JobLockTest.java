package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
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

    Files.writeString(file, leftByAProcessThatEnded());
    JobLock.take(folder(), PATIENT).close();
    assertThat(file).doesNotExist();
  }

  private static String leftByAProcessThatEnded() throws IOException, InterruptedException {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    String host = InetAddress.getLocalHost().getHostName().replace(' ', '-');
    return "%s %d b5f8 7".formatted(host, ended.pid());
  }

  @Test
  void ofTwoJobsThatTakeALeftFolder_theLastToWriteHasIt() throws IOException, InterruptedException {
    Path file = temp.resolve("job.lock");
    String left = leftByAProcessThatEnded();
    Files.writeString(file, left);
    // A beat is long enough for a busy machine to write the file of the other job.
    JobLock.Pace pace = new JobLock.Pace(Duration.ofSeconds(2), Duration.ofMinutes(10));
    CompletableFuture<JobLock> first =
        CompletableFuture.supplyAsync(() -> JobLock.take(folder(), pace));
    for (String there = left; there.isEmpty() || there.equals(left); there = text(file)) {
      assertThat(first).isNotDone();
      Thread.sleep(1);
    }
    Files.writeString(file, "another-machine 1 b5f8 0");
    assertThatThrownBy(first::join).hasMessageContaining("another job writes to");
    assertThat(file).hasContent("another-machine 1 b5f8 0");
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  @Test
  void aFolderThatAnotherJobHasTaken_isLeftToIt() throws IOException, InterruptedException {
    Path file = temp.resolve("job.lock");
    String other = "another-machine 1 b5f8 0";
    JobLock lock = JobLock.take(folder(), QUICK);
    lock.requireOwn();
    // A beat that has just read its own file may still write it.
    for (int i = 0; i < 50 && !text(file).equals(other); i++) {
      Files.writeString(file, other);
      Thread.sleep(100);
    }
    assertThat(file).hasContent(other);
    assertThatThrownBy(lock::requireOwn).hasMessageContaining("another job has taken");
    lock.close();
    assertThat(file).hasContent(other);
  }

  /** Its first read meets a file that is being written. */
  private static final class Unfinished extends RawLocalFileSystem {
    private boolean read;

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int bytes) throws IOException {
      if (!read) {
        read = true;
        throw new ChecksumException("unfinished", 0);
      }
      return super.open(file, bytes);
    }
  }

  @Test
  void aFileThatIsBeingWritten_isThatOfAnotherJob() throws IOException {
    Files.writeString(temp.resolve("job.lock"), "another-machine 1 b5f8 0");
    Unfinished files = new Unfinished();
    files.initialize(temp.toUri(), new Configuration());
    JobFolder folder = new JobFolder(new org.apache.hadoop.fs.Path(temp.toUri()), files);
    assertThatThrownBy(() -> JobLock.take(folder, PATIENT))
        .hasMessageContaining("another job writes to");
  }
}
