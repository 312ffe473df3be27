package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squint.vision.picture.Picture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoReaderTest {

  private final VideoReader reader = new VideoReader();

  @ParameterizedTest
  @CsvSource({
    "h264.mp4, h264, 640, 360, 4, 25, 100",
    "h264.mkv, h264, 640, 360, 4, 25, 100",
    "hevc.mov, hevc, 640, 360, 4, 25, 100",
    "hevc.mkv, hevc, 640, 360, 4, 25, 100",
    "vp8.webm, vp8, 640, 360, 4, 25, 100",
    "vp9.webm, vp9, 640, 360, 4, 25, 100",
    "av1.mp4, av1, 640, 360, 4, 25, 100",
    "av1.webm, av1, 640, 360, 4, 25, 100",
    "mpeg4.avi, mpeg4, 640, 360, 4, 25, 100",
    "mpeg4.mp4, mpeg4, 640, 360, 4, 25, 100",
    "mjpeg.avi, mjpeg, 640, 360, 4, 5, 20",
    "animation.gif, gif, 160, 90, 4, 10, 40",
    "animation.png, apng, 160, 90, 4, 10, 40",
    "animation.webp, webp, 160, 90, 4, 10, 40",
    "no-length.webm, vp9, 640, 360, 4, 25, 100",
  })
  void tellsWhatAFileIs_andGivesTheFrameThatIsShownAtATime(
      String name, String codec, int width, int height, double seconds, double rate, int frames) {
    try (Video video = reader.open(Clips.file(name))) {
      VideoHeader header = video.header();
      assertThat(header.codec()).isEqualTo(codec);
      assertThat(header.width()).isEqualTo(width);
      assertThat(header.height()).isEqualTo(height);
      assertThat(header.seconds()).isCloseTo(seconds, within(0.05));
      assertThat(header.framesPerSecond()).isCloseTo(rate, within(0.3));
      assertThat(header.frames()).isEqualTo(frames);

      double[] times = {0, 1 / rate, 0.5, 1.2, 3, 3 + 0.5 / rate, (frames - 1) / rate};
      List<Picture> pictures = Clips.at(video, times);

      for (int i = 0; i < times.length; i++) {
        int expected = (int) Math.floor(times[i] * rate + 1e-6);
        assertThat(Clips.number(pictures.get(i), frames))
            .as("%s at %s s", name, times[i])
            .isCloseTo(expected, within(frames > 40 ? 1 : 0));
      }
    }
  }

  @Test
  void goesBackToAnEarlierTime() {
    try (Video video = reader.open(Clips.file("h264.mp4"))) {
      assertThat(Clips.number(Clips.at(video, 3.6).get(0), 100)).isEqualTo(90);
      assertThat(Clips.number(Clips.at(video, 0.4).get(0), 100)).isEqualTo(10);
    }
  }

  @Test
  void coloursAreThoseThatWerePainted() {
    try (Video video = reader.open(Clips.file("h264.mp4"))) {
      Picture picture = Clips.at(video, 0.0).get(0);
      assertThat(Clips.red(picture, 100, 20)).isCloseTo(200, within(8));
      assertThat(Clips.green(picture, 500, 20)).isCloseTo(160, within(8));
      assertThat(Clips.blue(picture, 100, 320)).isCloseTo(200, within(8));
    }
  }

  @Test
  void turnsPicturesThatWereStoredLyingDown() {
    try (Video video = reader.open(Clips.file("rotated.mp4"))) {
      assertThat(video.header().width()).isEqualTo(360);
      assertThat(video.header().height()).isEqualTo(640);
      assertThat(video.header().orientation()).isEqualTo(8);
      Picture picture = Clips.at(video, 0.0).get(0);
      // As the ffmpeg program shows it: the painted upper left corner is at the bottom.
      assertThat(picture.width()).isEqualTo(360);
      assertThat(Clips.red(picture, 10, 630)).isCloseTo(200, within(8));
      assertThat(Clips.green(picture, 10, 10)).isCloseTo(160, within(8));
    }
  }

  @Test
  void framesInUnevenDistances_areThoseThatAreShownAtTheTime() {
    try (Video video = reader.open(Clips.file("variable.mkv"))) {
      List<Picture> pictures = Clips.at(video, 0.4, 2.0, 2.1, 2.16, 3.5);
      assertThat(pictures.stream().map(picture -> Clips.number(picture, 100)))
          .containsExactly(10, 48, 52, 52, 84);
    }
  }

  @Test
  void readsFromMemory() {
    try (Video video = reader.open(Clips.bytes("vp9.webm"), "upload 1")) {
      assertThat(Clips.number(Clips.at(video, 2.0).get(0), 100)).isEqualTo(50);
    }
  }

  @Test
  void limitsAreCheckedBeforeAnythingIsDecoded() {
    assertThatThrownBy(() -> new VideoReader(3, 1_000_000).open(Clips.file("h264.mp4")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is 4 seconds long; at most 3 are read");
    assertThatThrownBy(() -> new VideoReader(10, 10_000).open(Clips.file("animation.webp")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has frames of 160 x 90 pixels; at most 10000 pixels are read");
    assertThatThrownBy(() -> new VideoReader(10, 10_000).open(Clips.file("vp9.webm")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("640 x 360 pixels");
  }

  @Test
  void aCheckOfOnesOwn_comesBeforeTheReadersLimits() {
    VideoReader narrow = new VideoReader(1, 100);
    for (String name : List.of("h264.mp4", "animation.webp")) {
      assertThatThrownBy(
              () ->
                  narrow.open(
                      Clips.bytes(name),
                      "upload",
                      header -> {
                        throw new IllegalStateException(header.width() + " wide");
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageMatching("640 wide|160 wide");
    }
  }

  @Test
  void framesThatAreRead_haveNoMorePixelsThanWasSaid() {
    FrameRule plain = new FrameRule.Uniform(2);
    FrameRule resizing = new FrameRule.PerSecond(1, 4, 512);
    try (Video video = reader.open(Clips.file("h264.mp4"))) {
      for (FrameRule rule : List.of(plain, resizing)) {
        Picture read = Clip.read(video, rule, ClipOptions.DEFAULT).pictures().get(0);
        assertThat((long) read.width() * read.height())
            .isBetween(
                Clip.framePixels(video.header(), rule) - 1024,
                Clip.framePixels(video.header(), rule));
      }
    }
    Picture large = new Picture(2000, 500, new byte[3 * 2000 * 500]);
    Clip made = Clip.of(List.of(large, large), 2);
    assertThat(made.asRead(plain).pictures().get(1).width()).isEqualTo(1024);
    assertThat(made.asRead(resizing).pictures().get(0).width()).isEqualTo(512);
    assertThat(made.asRead(plain).times()).containsExactly(0, 0.5);
  }

  @Test
  void filesInMemory_areKnownByTheirContentToo() {
    assertThat(VideoReader.isVideo(Clips.bytes("vp9.webm"))).isTrue();
    assertThat(VideoReader.isAnimation(Clips.bytes("vp9.webm"))).isFalse();
    assertThat(VideoReader.isVideo(Clips.bytes("animation.gif"))).isTrue();
    assertThat(VideoReader.isAnimation(Clips.bytes("animation.png"))).isTrue();
    assertThat(VideoReader.isVideo(new byte[0])).isFalse();
  }

  @Test
  void knowsVideosAndAnimationsByTheirContent() {
    for (String name :
        List.of(
            "h264.mp4",
            "hevc.mov",
            "vp9.webm",
            "mpeg4.avi",
            "animation.gif",
            "animation.png",
            "animation.webp",
            "h264.mkv",
            "sound-only.m4a")) {
      assertThat(VideoReader.isVideo(Clips.file(name))).as(name).isTrue();
    }
    assertThat(VideoReader.isVideo(Path.of("..", "samples", "pictures", "shapes.png"))).isFalse();
    assertThat(VideoReader.isVideo(Clips.file("clips.py"))).isFalse();
  }
}
