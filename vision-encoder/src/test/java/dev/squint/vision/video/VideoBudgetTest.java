package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.Fixtures;
import dev.squint.vision.format.UnreadableFileException;
import dev.squint.vision.picture.DecodeBudget;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clips that would take long: refused by their headers, or interrupted. */
class VideoBudgetTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"animation.gif", "animation.png"})
  void animationsThatRepaintTooMuch_areRefused(String name) {
    VideoReader reader =
        new VideoReader().withBudget(DecodeBudget.DEFAULT.withMaxPixelVisits(100_000));
    assertThatThrownBy(() -> reader.open(Clips.bytes(name), name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            name + " needs too much work to decode: \\d+ frames of \\d+ x \\d+ pixels; .*");
  }

  @Test
  void framesWithTooManyScans_areRefused() {
    Path file = folder.resolve("scans.mkv");
    long[] stamps = {0, 1, 2, 3};
    ClipWriter.write(
        file,
        new ClipWriter.Spec(
            "matroska",
            "mjpeg",
            stamps,
            avutil.av_make_q(1, 10),
            1,
            0,
            1,
            avutil.av_make_q(1, 1),
            0),
        Painted::frame);
    try (Video video =
        new VideoReader().withBudget(DecodeBudget.DEFAULT.withMaxPixelVisits(10_000)).open(file)) {
      assertThatThrownBy(() -> Clips.at(video, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a frame has 1 scans of 128 x 96 pixels");
    }
    try (Video video = new VideoReader().open(file)) {
      assertThat(Painted.number(Clips.at(video, 0.2).get(0))).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h264.mp4", "vp9.webm", "animation.gif"})
  void openingAndReading_areBrokenOff(String name) {
    assertThatThrownBy(
            () -> new VideoReader().cancelledBy(() -> true).open(Clips.bytes(name), name))
        .isInstanceOf(CancellationException.class);
    AtomicInteger frames = new AtomicInteger();
    try (Video video =
        new VideoReader().cancelledBy(() -> frames.get() >= 2).open(Clips.bytes(name), name)) {
      double[] times = {0, 0.5, 1, 1.5};
      assertThatThrownBy(() -> video.frames(times, frame -> frames.incrementAndGet(), () -> false))
          .isInstanceOf(CancellationException.class)
          .hasMessage("decoding of " + name + " was cancelled");
    }
    assertThat(frames.get()).isEqualTo(2);
  }

  @Test
  void webpAnimations_areBrokenOffToo() {
    byte[] file = Clips.bytes("animation.webp");
    VideoReader late = new VideoReader().withBudget(DecodeBudget.DEFAULT.within(Duration.ZERO));
    try (Video video = late.open(file, "a.webp")) {
      assertThatThrownBy(() -> Clips.at(video, 0)).isInstanceOf(CancellationException.class);
    }
  }

  /** Six kilobytes that promise two billion frames; the times of all of them took 160 MB. */
  @Test
  void framesThatAreMissing_areNotAllListed() {
    byte[] file = Fixtures.bytes("fuzz/h264.avi").clone();
    ByteBuffer numbers = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int header = new String(file, StandardCharsets.ISO_8859_1).indexOf("strh") + 8;
    numbers.putInt(header + 32, Integer.MAX_VALUE);
    numbers.putInt(4, file.length + 1000);
    try (Video video = new VideoReader(1e12, 1_000_000).open(file, "a.avi")) {
      assertThat(video.header().seconds()).isGreaterThan(1e8);
      assertThat(video.header().frames()).isBetween(1000, 101_000);
      assertThatThrownBy(() -> Clips.at(video, 1e8))
          .isInstanceOf(UnreadableFileException.class)
          .hasMessageContaining("is damaged or cut off after 0.3 of");
    }
  }
}
