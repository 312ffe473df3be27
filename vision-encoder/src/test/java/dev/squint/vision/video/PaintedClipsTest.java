package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.vision.picture.Picture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clips of many kinds, made here: each frame that is asked for is the frame that comes. */
class PaintedClipsTest {

  private static final int FRAMES = 40;
  private static final int[] INVERSE = {0, 1, 2, 3, 4, 5, 8, 7, 6};

  @TempDir Path folder;

  /** Times of frames: a name, ticks, and seconds of a tick. */
  private record Times(String name, long[] stamps, int ticksPerSecond) {

    static Times every(String name, int ticks, int ticksPerSecond) {
      return from(name, 0, ticks, ticksPerSecond);
    }

    static Times from(String name, long start, int ticks, int ticksPerSecond) {
      long[] stamps = new long[FRAMES];
      Arrays.setAll(stamps, i -> start + (long) i * ticks);
      return new Times(name, stamps, ticksPerSecond);
    }

    /** Distances of 20 to 400 ms. */
    static Times uneven() {
      Random random = new Random(7);
      long[] stamps = new long[FRAMES];
      for (int i = 1; i < FRAMES; i++) {
        stamps[i] = stamps[i - 1] + 20 + 10L * random.nextInt(39);
      }
      return new Times("uneven", stamps, 1000);
    }
  }

  /** A clip to make. */
  record Case(String name, ClipWriter.Spec spec, int frames, boolean stampsKept) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> clips() {
    List<Case> cases = new ArrayList<>();
    Times even = Times.every("10 fps", 100, 1000);
    List<Times> all =
        List.of(
            even,
            Times.uneven(),
            Times.from("from 100 s", 100_000, 100, 1000),
            Times.every("29.97 fps", 1001, 30_000));
    for (Times times : all) {
      for (int reordered : new int[] {0, 2}) {
        for (String container : new String[] {"mp4", "mov", "matroska"}) {
          cases.add(make(container, "mpeg4", times, reordered));
        }
      }
      cases.add(make("webm", "libvpx", times, 0));
      cases.add(make("webm", "libvpx-vp9", times, 0));
    }
    Times fixed = Times.every("25 fps", 1, 25);
    for (int reordered : new int[] {0, 2}) {
      for (String container : new String[] {"mpegts", "vob"}) {
        cases.add(make(container, "mpeg2video", fixed, reordered));
      }
      cases.add(make("mpegts", "mpeg4", fixed, reordered));
      cases.add(make("avi", "mpeg4", fixed, reordered));
      cases.add(make("mpeg2video", "mpeg2video", fixed, reordered));
    }
    cases.add(make("mpeg", "mpeg1video", fixed, 2));
    cases.add(make("avi", "mjpeg", fixed, 0));
    cases.add(make("mov", "mjpeg", fixed, 0));
    cases.add(make("ivf", "libvpx-vp9", fixed, 0));
    cases.add(make("mp4", "libaom-av1", fixed, 0));
    cases.add(make("gif", "gif", Times.every("10 fps", 10, 100), 0));
    cases.add(make("apng", "apng", Times.every("10 fps", 1, 10), 0));
    cases.add(make("matroska", "mjpeg", Times.every("1000 fps", 1, 1000), 0));
    cases.add(make("mp4", "mpeg4", Times.every("1000 fps", 1, 1000), 2));
    cases.add(make("matroska", "mpeg4", Times.every("240 fps", 1, 240), 2));
    cases.add(make("mp4", "mpeg4", Times.every("1 fps", 1, 1), 0));
    for (int orientation = 1; orientation <= 8; orientation++) {
      cases.add(turned("mp4", orientation));
      cases.add(turned("mov", orientation));
    }
    for (int[] aspect : new int[][] {{2, 1}, {1, 2}, {16, 15}, {10, 11}}) {
      cases.add(stretched("mp4", aspect));
      cases.add(stretched("matroska", aspect));
    }
    for (double sound : new double[] {2, 9}) {
      cases.add(withSound("matroska", sound));
      cases.add(withSound("mov", sound));
      cases.add(withSound("avi", sound));
    }
    cases.add(fragmented());
    return cases.stream();
  }

  private static Case make(String container, String encoder, Times times, int reordered) {
    return make(container, encoder, times, reordered, 1, new int[] {1, 1}, 0);
  }

  private static Case make(
      String container,
      String encoder,
      Times times,
      int reordered,
      int orientation,
      int[] aspect,
      double sound,
      String... options) {
    AVRational tick = avutil.av_make_q(1, times.ticksPerSecond());
    String name =
        "%s %s %s%s%s%s%s %s"
            .formatted(
                container,
                encoder,
                times.name(),
                reordered > 0 ? " reordered" : "",
                orientation > 1 ? " orientation " + orientation : "",
                aspect[0] != aspect[1] ? " aspect " + aspect[0] + ":" + aspect[1] : "",
                sound > 0 ? " sound " + sound : "",
                String.join(" ", options));
    ClipWriter.Spec spec =
        new ClipWriter.Spec(
            container,
            encoder,
            times.stamps(),
            tick,
            12,
            reordered,
            orientation,
            avutil.av_make_q(aspect[0], aspect[1]),
            sound,
            options);
    boolean raw = container.equals("mpeg2video");
    return new Case(name.strip(), spec, FRAMES, !raw);
  }

  private static final Times TEN = Times.every("10 fps", 1, 10);

  private static Case turned(String container, int orientation) {
    return make(container, "mpeg4", TEN, 0, orientation, new int[] {1, 1}, 0);
  }

  private static Case stretched(String container, int[] aspect) {
    return make(container, "mpeg4", TEN, 2, 1, aspect, 0);
  }

  private static Case withSound(String container, double seconds) {
    return make(container, "mpeg4", TEN, 0, 1, new int[] {1, 1}, seconds);
  }

  private static Case fragmented() {
    return make(
        "mp4", "mpeg4", TEN, 2, 1, new int[] {1, 1}, 0, "movflags=frag_keyframe+empty_moov");
  }

  @ParameterizedTest
  @MethodSource("clips")
  void everyFrameThatIsAskedFor_isTheFrameThatComes(Case clip) {
    Path file = folder.resolve("clip");
    int orientation = clip.spec().orientation();
    Picture[] stored = new Picture[FRAMES];
    Arrays.setAll(stored, i -> Painted.frame(i).upright(INVERSE[orientation]));
    ClipWriter.write(file, clip.spec(), i -> stored[i]);

    try (Video video = new VideoReader().open(file)) {
      VideoHeader header = video.header();
      assertThat(header.frames()).isEqualTo(FRAMES);
      assertThat(header.orientation()).isEqualTo(orientation);
      checkSize(header, clip);
      if (clip.stampsKept()) {
        checkTimes(header, clip);
      }
      for (int i : order()) {
        double between = i + 1 < FRAMES ? header.secondsOf(i + 1) - header.secondsOf(i) : 0.001;
        List<Picture> shown =
            Clips.at(video, header.secondsOf(i), header.secondsOf(i) + 0.6 * between);
        assertThat(shown.stream().map(Painted::number)).as("frame %d", i).containsExactly(i, i);
        assertThat(shown.get(0).width()).isEqualTo(header.width());
      }
      double[] whole = new double[FRAMES];
      Arrays.setAll(whole, header::secondsOf);
      assertThat(Clips.at(video, whole).stream().map(Painted::number))
          .containsExactlyElementsOf(java.util.stream.IntStream.range(0, FRAMES).boxed().toList());
    }
  }

  /** Some frames in every order: forwards, backwards, at random. */
  private static int[] order() {
    Random random = new Random(3);
    int[] order = new int[24];
    for (int i = 0; i < 8; i++) {
      order[i] = 5 * i;
      order[8 + i] = FRAMES - 1 - 5 * i;
      order[16 + i] = random.nextInt(FRAMES);
    }
    return order;
  }

  private static void checkSize(VideoHeader header, Case clip) {
    AVRational aspect = clip.spec().aspect();
    assertThat(header.width())
        .isEqualTo((int) Math.round((double) Painted.WIDTH * aspect.num() / aspect.den()));
    assertThat(header.height()).isEqualTo(Painted.HEIGHT);
  }

  private static void checkTimes(VideoHeader header, Case clip) {
    long[] stamps = clip.spec().stamps();
    double tick = avutil.av_q2d(clip.spec().tick());
    for (int i = 0; i < FRAMES; i++) {
      assertThat(header.secondsOf(i))
          .as("time of frame %d", i)
          .isCloseTo((stamps[i] - stamps[0]) * tick, within(0.0011));
    }
    double last = (stamps[FRAMES - 1] - stamps[0]) * tick;
    double step = last / (FRAMES - 1);
    assertThat(header.seconds()).isBetween(last, last + Math.max(0.45, 1.1 * step));
  }
}
