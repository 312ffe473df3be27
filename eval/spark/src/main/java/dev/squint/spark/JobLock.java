package dev.squint.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Keeps two jobs from writing to one output folder, since each would ask what the other is asking.
 * A driver rewrites {@code job.lock} as long as it lives. A file that does not change, or whose
 * process is gone from this machine, was left by a driver that was killed.
 */
final class JobLock implements AutoCloseable {

  private static final String FILE = "job.lock";

  private final JobFolder folder;
  private final String owner =
      "%s %d %s".formatted(host(), ProcessHandle.current().pid(), UUID.randomUUID());
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread beating;
  private long beats;

  /**
   * How lively a driver is.
   *
   * @param beat time between two changes of the file
   * @param patience how long a file must stay unchanged until it counts as left
   */
  record Pace(Duration beat, Duration patience) {
    static final Pace DEFAULT = new Pace(Duration.ofSeconds(3), Duration.ofSeconds(30));
  }

  private JobLock(JobFolder folder, Duration beat) {
    this.folder = folder;
    beating = new Thread(() -> beat(beat), "squint job lock");
    beating.setDaemon(true);
  }

  /**
   * Takes the folder. Waits if the file was left on another machine.
   *
   * @throws IllegalArgumentException if another job writes to the folder
   */
  static JobLock take(JobFolder folder, Pace pace) {
    JobLock lock = new JobLock(folder, pace.beat());
    try {
      @Nullable String there = read(folder);
      if (there == null) {
        lock.write(false);
      } else {
        lock.takeOver(there, pace);
      }
    } catch (FileAlreadyExistsException e) {
      throw busy(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be written".formatted(folder.folder()), e);
    }
    lock.beating.start();
    return lock;
  }

  /** The folder that was taken. */
  JobFolder folder() {
    return folder;
  }

  /**
   * Checks before more is written that no other job has taken the folder, as it may if this one was
   * stopped for long.
   *
   * @throws IllegalStateException if another has
   */
  void requireOwn() {
    try {
      if (isOfAnother(read(folder))) {
        throw new IllegalStateException(
            "another job has taken %s while this one did not run; start this one again when the other has ended"
                .formatted(folder.folder()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(FILE), e);
    }
  }

  private boolean isOfAnother(@Nullable String text) {
    return text != null && !text.isEmpty() && !isOwn(text);
  }

  /**
   * Takes a folder that was left. Hadoop has no replacement of a file on condition that it is
   * unchanged. So two jobs that wait for the same file may each delete what the other has written.
   * The last to write has the folder. The other one sees that after a beat, if a deletion takes no
   * longer.
   */
  private void takeOver(String there, Pace pace) throws IOException {
    checkLeft(folder, there, pace);
    @Nullable String now = read(folder);
    if (now != null) {
      if (!now.equals(there)) {
        throw busy(folder);
      }
      folder.delete(FILE);
    }
    write(false);
    sleep(pace);
    if (!isOwn(read(folder))) {
      throw busy(folder);
    }
  }

  private boolean isOwn(@Nullable String text) {
    return text != null && text.startsWith(owner + " ");
  }

  private static void sleep(Pace pace) {
    try {
      Thread.sleep(pace.beat().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the job was interrupted; start it again to resume", e);
    }
  }

  private static void checkLeft(JobFolder folder, String there, Pace pace) throws IOException {
    String[] words = there.split(" ", -1);
    boolean here = words.length == 4 && words[0].equals(host()) && words[1].matches("\\d{1,18}");
    if (here && ProcessHandle.of(Long.parseLong(words[1])).isEmpty()) {
      return;
    }
    System.err.printf(
        "squint spark: another job has used %s; waiting up to %d s to see whether it still runs%n",
        folder.folder(), pace.patience().toSeconds());
    long end = System.nanoTime() + pace.patience().toNanos();
    while (System.nanoTime() < end) {
      sleep(pace);
      @Nullable String now = read(folder);
      if (now == null) {
        return;
      }
      if (!now.equals(there)) {
        throw busy(folder);
      }
    }
  }

  /** The text of the file, or null if there is none. */
  private static @Nullable String read(JobFolder folder) throws IOException {
    try {
      return folder.read(FILE);
    } catch (ChecksumException e) {
      // The file is being written: its text is another one.
      return "";
    } catch (FileNotFoundException e) {
      // It was deleted after it was found.
      return null;
    }
  }

  private static IllegalArgumentException busy(JobFolder folder) {
    return new IllegalArgumentException(
        "another job writes to %s; wait until it ends, stop it, or give another --out"
            .formatted(folder.folder()));
  }

  private void write(boolean replacing) throws IOException {
    try (var out = folder.files().create(new Path(folder.folder(), FILE), replacing)) {
      out.write("%s %d".formatted(owner, beats).getBytes(StandardCharsets.UTF_8));
    }
  }

  private void beat(Duration pause) {
    try {
      while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        beats++;
        try {
          if (isOfAnother(read(folder))) {
            System.err.printf(
                "squint spark: another job has taken %s while this one did not run; this one ends before its next input%n",
                folder.folder());
            return;
          }
          write(true);
        } catch (IOException e) {
          // The next beat tries again; a job on another machine waits for ten of them.
          System.err.println(
              "squint spark: %s cannot be written: %s".formatted(FILE, e.getMessage()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replace(' ', '-');
    } catch (UnknownHostException e) {
      return Objects.requireNonNullElse(System.getenv("HOSTNAME"), "unknown");
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      beating.join();
      if (isOwn(read(folder))) {
        folder.delete(FILE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be deleted".formatted(FILE), e);
    }
  }
}
