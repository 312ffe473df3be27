package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.picture.Dimensions;
import org.junit.jupiter.api.Test;

/** Parts of a video of 16 frames, 4 a second, that begin or end between two frames. */
class ClipPartTest {

  private static final VideoHeader HEADER =
      new VideoHeader("mp4", "h264", new Dimensions(8, 8), 1, 4, 4, FrameTimes.even(16, 4));
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
}
