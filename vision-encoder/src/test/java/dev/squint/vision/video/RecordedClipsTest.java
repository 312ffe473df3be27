package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.vision.Fixtures;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * H.264 and HEVC clips that x264 and x265 coded, as cameras and telephones do; made by {@code
 * samples/fixtures/painted_clips.py}. Each frame that is asked for is the frame that comes.
 */
class RecordedClipsTest {

  private static Video open(String name) {
    return new VideoReader().open(Fixtures.bytes("clips/" + name), name);
  }

  @ParameterizedTest
  @CsvSource({
    // file, number of its first frame, frames, orientation, seconds
    "reordered.mp4, 0, 40, 1, 4.0",
    "uneven.mp4, 0, 40, 1, 5.43",
    "uneven.mkv, 0, 40, 1, 5.43",
    "open-gop.mkv, 0, 40, 1, 4.0",
    "open-gop.ts, 0, 40, 1, 4.0",
    "intra-refresh.mp4, 0, 40, 1, 4.0",
    "one-key-frame.mp4, 0, 40, 1, 4.0",
    "interlaced.mp4, 0, 40, 1, 4.0",
    "fragments.mp4, 0, 40, 1, 4.0",
    "sound-longer.mp4, 0, 40, 1, 4.0",
    "sound-first.mkv, 0, 40, 1, 4.0",
    "film.flv, 0, 40, 1, 4.0",
    "hevc.mp4, 0, 40, 1, 4.0",
    "hevc-open-gop.mkv, 0, 40, 1, 4.0",
    "phone.mov, 0, 40, 6, 4.0",
    "cut-by-edit-list.mp4, 15, 25, 1, 2.5",
    "late-pictures.mp4, 0, 40, 1, 4.0",
    "from-100-s.mkv, 0, 40, 1, 4.0",
    "from-100-s.ts, 0, 40, 1, 4.0",
    "from-the-middle.ts, 12, 28, 1, 2.8",
    "between-packets.ts, 12, 28, 1, 2.8",
    "sequence.avif, 0, 5, 1, 1.0",
  })
  void everyFrameThatIsAskedFor_isTheFrameThatComes(
      String name, int first, int frames, int orientation, double seconds) {
    try (Video video = open(name)) {
      VideoHeader header = video.header();
      assertThat(header.frames()).isEqualTo(frames);
      assertThat(header.orientation()).isEqualTo(orientation);
      assertThat(header.width()).isEqualTo(Painted.WIDTH);
      assertThat(header.seconds()).isCloseTo(seconds, within(0.12));
      double[] all = new double[frames];
      Arrays.setAll(all, header::secondsOf);
      assertThat(Clips.at(video, all).stream().map(Painted::number))
          .containsExactlyElementsOf(IntStream.range(first, first + frames).boxed().toList());
      Random random = new Random(5);
      for (int i = frames - 1; i >= 0; i -= 3) {
        assertThat(Painted.number(Clips.at(video, header.secondsOf(i)).get(0)))
            .as("backwards")
            .isEqualTo(first + i);
        int any = random.nextInt(frames);
        assertThat(Painted.number(Clips.at(video, header.secondsOf(any) + 0.02).get(0)))
            .as("at random")
            .isEqualTo(first + any);
      }
    }
  }

  @Test
  void unevenTimes_areThoseOfThePictures() {
    for (String name : new String[] {"uneven.mp4", "uneven.mkv"}) {
      try (Video video = open(name)) {
        for (int i = 0; i < 40; i++) {
          double expected = 0.1 * i + 0.03 * (i % 3) + (i > 20 ? 1.5 : 0);
          assertThat(video.header().secondsOf(i)).as(name).isCloseTo(expected, within(0.001));
        }
      }
    }
  }

  @Test
  void cutBeforeItsEnd_isReadUpToThere_forEveryContainerThatSaysItsLength() {
    for (String name : new String[] {"fragments.mp4", "uneven.mkv", "from-100-s.mkv"}) {
      byte[] file = Fixtures.bytes("clips/" + name);
      byte[] cut = Arrays.copyOf(file, file.length * 6 / 10);
      try (Video video = new VideoReader().open(cut, name)) {
        assertThat(Painted.number(Clips.at(video, 0.5).get(0))).as(name).isBetween(3, 5);
      }
    }
  }
}
