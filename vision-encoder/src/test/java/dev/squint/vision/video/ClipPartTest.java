package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.picture.Dimensions;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Parts and bounds of a video of 16 frames, 4 a second. */
class ClipPartTest {

  private static final VideoHeader HEADER =
      new VideoHeader(
          "mp4",
          "h264",
          new Dimensions(8, 8),
          1,
          4,
          4,
          FrameTimes.of(IntStream.range(0, 16).mapToDouble(frame -> frame / 4.0).toArray(), 0));
  private static final FrameRule ALL = new FrameRule.Uniform(16);

  private static double[] times(double from, double to) {
    return Clip.times(HEADER, ALL, ClipOptions.DEFAULT.between(from, to));
  }

  @Test
  void theEnd_isTheFrameThatIsShownThen() {
    assertThat(times(0, 0.6)).containsExactly(0, 0.25, 0.5);
    assertThat(times(0, 0.74)).containsExactly(0, 0.25, 0.5);
    assertThat(times(0, 0.75)).containsExactly(0, 0.25, 0.5, 0.75);
  }

  @Test
  void theBeginning_isTheFirstFrameThatBeginsThenOrLater() {
    assertThat(times(0.6, 1.1)).containsExactly(0.75, 1);
    assertThat(times(0.75, 1.1)).containsExactly(0.75, 1);
  }

  @Test
  void anEndAfterTheVideo_isItsLastFrame() {
    assertThat(times(3.4, 100)).containsExactly(3.5, 3.75);
  }

  @Test
  void aPartWithoutABeginningFrame_isRefused() {
    assertThatThrownBy(() -> times(0.55, 0.6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 0.55 to 0.6 seconds there is no frame");
  }

  @Test
  void moreFramesThanTheMost_areRefused() {
    ClipOptions most15 = ClipOptions.DEFAULT.withMaxFrames(15);

    try (Video video = new VideoReader().open(Path.of("../samples/clips/shape-moves.mp4"))) {
      assertThat(Clip.read(video, new FrameRule.Uniform(15), most15).frames()).hasSize(15);
      assertThatThrownBy(() -> Clip.read(video, ALL, most15))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("16 frames were asked for but at most 15 are read");
    }
    assertThatThrownBy(() -> most15.withFrames(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 1 to 15 frames are read but 16 were asked for");
  }
}
