package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.squint.vision.format.UnreadableFileException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Broken and hostile files: each is answered by one clear line, in little memory, and none hangs
 * the reader.
 */
class BrokenVideosTest {

  private static final long LITTLE = 100L << 20;

  @TempDir Path folder;

  /** The libraries themselves are not counted as memory of the first file. */
  @BeforeAll
  static void loadLibraries() {
    for (String name : new String[] {"animation.webp", "h264.mp4"}) {
      try (Video video = new VideoReader().open(Clips.file(name))) {
        assertThat(Clips.at(video, 0)).hasSize(1);
      }
    }
  }

  /** A file and what is said of it. */
  record Broken(String name, byte[] content, String said) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Broken> files() {
    byte[] mp4 = Clips.bytes("h264.mp4");
    byte[] webm = Clips.bytes("vp9.webm");
    byte[] gif = Clips.bytes("animation.gif");
    byte[] webp = Clips.bytes("animation.webp");
    return Stream.of(
        new Broken("empty.mp4", new byte[0], "is empty (0 bytes)"),
        new Broken("text.mp4", text("not a video at all\n".repeat(100)), "is no video"),
        new Broken(
            "cut-before-its-index.mp4", cut(Clips.bytes("mpeg4.mp4"), 0.5), "damaged or cut off"),
        new Broken("cut-in-the-middle.mp4", cut(mp4, 0.6), "cut off after"),
        new Broken("sound-only.m4a", Clips.bytes("sound-only.m4a"), "has no pictures in it"),
        new Broken("no-frames.webm", cut(webm, 0.08), "no frame that can be decoded"),
        new Broken("noise-for-frames.mp4", noise(mp4, 0.4), "damaged or cut off"),
        new Broken("huge.gif", huge(gif), "frames of 16000 x 16000 pixels"),
        new Broken(
            "playlist.mp4",
            text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n"),
            "is no video"),
        new Broken(
            "list-of-files.mp4", text("ffconcat version 1.0\nfile /etc/hostname\n"), "is no video"),
        new Broken("cut.gif", cut(gif, 0.002), "no frame that can be decoded"),
        new Broken("cut.webp", cut(webp, 0.5), "damaged or cut off"),
        new Broken("huge.webp", hugeWebp(webp), "pixels"));
  }

  @ParameterizedTest
  @MethodSource("files")
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void areAnsweredByOneClearLine(Broken broken) throws IOException {
    Path file = folder.resolve(broken.name());
    Files.write(file, broken.content());
    long before = residentBytes();

    Throwable thrown =
        catchThrowable(
            () -> {
              try (Video video = new VideoReader().open(file)) {
                double end = video.header().seconds() - 1e-3;
                video.frames(new double[] {0, end / 2, end}, frame -> {}, () -> false);
              }
            });

    assertThat(thrown).isInstanceOf(IllegalArgumentException.class);
    assertThat(thrown.getMessage())
        .startsWith(file.toString())
        .contains(broken.said())
        .doesNotContain("\n");
    assertThat(residentBytes() - before).isLessThan(LITTLE);
  }

  @ParameterizedTest
  @CsvSource({
    "mp4 without a frame, EMPTY",
    "no bytes, EMPTY",
    "cut before its index, DAMAGED",
    "cut before its first frame, DAMAGED",
    "brand alone, DAMAGED"
  })
  void emptyClips_areToldFromDamagedOnes(String what, UnreadableFileException.Reason reason) {
    byte[] mp4 = Clips.bytes("h264.mp4");
    byte[] file =
        switch (what) {
          case "mp4 without a frame" -> withoutFrames(mp4);
          case "no bytes" -> new byte[0];
          case "cut before its index" -> cut(Clips.bytes("mpeg4.mp4"), 0.5);
          case "cut before its first frame" -> cut(Clips.bytes("vp9.webm"), 0.08);
          default -> cut(mp4, 0.01);
        };
    assertThatThrownBy(() -> new VideoReader().open(file, "a"))
        .isInstanceOf(UnreadableFileException.class)
        .extracting(e -> ((UnreadableFileException) e).reason())
        .isEqualTo(reason);
  }

  /** The names of the tracks are in the index; what is left of it may name none. */
  @Test
  void filesThatEndWithinTheirIndex_areDamaged() {
    byte[] mp4 = Clips.bytes("mpeg4.mp4");
    int index = find(mp4, "moov", 0);
    for (int end = index + 8; end < mp4.length; end += 61) {
      byte[] cut = Arrays.copyOf(mp4, end);
      assertThatThrownBy(() -> open(cut))
          .as("the first %d bytes", end)
          .isInstanceOf(UnreadableFileException.class);
    }
  }

  private static void open(byte[] file) {
    try (Video video = new VideoReader().open(file, "a")) {
      // With all of its tables but the last, it is read up to there.
      throw UnreadableFileException.damaged(video.header().toString());
    }
  }

  @Test
  void codecsThatAreNotRead_areNamed() {
    Path file = folder.resolve("sorenson.flv");
    long[] stamps = {0, 1, 2, 3};
    ClipWriter.Spec spec =
        new ClipWriter.Spec(
            "flv", "flv", stamps, avutil.av_make_q(1, 10), 1, 0, 1, avutil.av_make_q(1, 1), 0);
    ClipWriter.write(file, spec, Painted::frame);
    assertThatThrownBy(() -> new VideoReader().open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .isNotInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("is coded in flv1; Squint reads [apng, av1");
  }

  @Test
  void soundAndOtherFiles_areNeitherEmptyNorDamaged() {
    for (byte[] file : List.of(Clips.bytes("sound-only.m4a"), text("a letter"))) {
      assertThatThrownBy(() -> new VideoReader().open(file, "a"))
          .isInstanceOf(IllegalArgumentException.class)
          .isNotInstanceOf(UnreadableFileException.class);
    }
  }

  /** The table of sizes says that there is no sample. */
  private static byte[] withoutFrames(byte[] mp4) {
    byte[] changed = mp4.clone();
    int table = find(changed, "stsz", 0) + 12;
    Arrays.fill(changed, table, table + 4, (byte) 0);
    return changed;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] cut(byte[] file, double share) {
    return Arrays.copyOf(file, (int) (share * file.length));
  }

  /** Everything from here on is noise. */
  private static byte[] noise(byte[] file, double from) {
    byte[] noisy = file.clone();
    byte[] noise = new byte[(int) (file.length * (1 - from))];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, noisy, file.length - noise.length, noise.length);
    return noisy;
  }

  /** The header promises 16,000 x 16,000 pixels. */
  private static byte[] huge(byte[] gif) {
    byte[] changed = gif.clone();
    for (int side = 6; side <= 8; side += 2) {
      changed[side] = (byte) 0x80;
      changed[side + 1] = 0x3e;
    }
    return changed;
  }

  private static byte[] hugeWebp(byte[] webp) {
    byte[] changed = webp.clone();
    int header = find(changed, "VP8X", 0) + 8;
    Arrays.fill(changed, header + 4, header + 10, (byte) 0xff);
    return changed;
  }

  private static int find(byte[] file, String word, int from) {
    for (int i = from; i < file.length; i++) {
      if (new String(file, i, Math.min(word.length(), file.length - i), StandardCharsets.ISO_8859_1)
          .equals(word)) {
        return i;
      }
    }
    throw new IllegalArgumentException(word + " is not in the file");
  }

  static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/statm");
    return Files.exists(status)
        ? Long.parseLong(Files.readString(status).split(" ", -1)[1]) * 4096
        : ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
