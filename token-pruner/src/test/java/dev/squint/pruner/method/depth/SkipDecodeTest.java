package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.method.GoldenCase;
import java.util.List;
import org.junit.jupiter.api.Test;

public class SkipDecodeTest {

  public static void agreesWith(GoldenCase golden) {
    int prompt = golden.integer("prompt_len");
    int length = golden.integer("seq_len");
    int layers = golden.integer("num_layers");
    SkipDecode schedule =
        new SkipDecode(
            golden.integer("warmup_layers"),
            (double) golden.integer("max_layers") / layers,
            (double) golden.integer("min_layers") / layers,
            length - prompt);
    List<int[]> active = golden.integerRows("active_layers");
    assertThat(active).hasSize(length);
    for (int i = 0; i < length; i++) {
      assertThat(schedule.active(layers, Math.max(-1, i - prompt)))
          .as("token %d", i)
          .containsExactly(active.get(i));
    }
  }

  @Test
  void layersFallFromTheFirstTokenToTheLast_andStayThere() {
    SkipDecode schedule = new SkipDecode(1, 4 / 6., 2 / 6., 3);

    assertThat(schedule.active(6, -1)).containsExactly(0, 3, 4, 5);
    assertThat(schedule.active(6, 0)).containsExactly(0, 3, 4, 5);
    assertThat(schedule.active(6, 1)).containsExactly(0, 4, 5);
    assertThat(schedule.active(6, 2)).containsExactly(0, 5);
    assertThat(schedule.active(6, 99)).containsExactly(0, 5);
    assertThat(schedule.places(6)).containsExactly(1, 3, 4, 5);
  }

  @Test
  void allLayersForThePrompt_takeNoCutBelowTheFirstThatIsLeftOut() {
    assertThat(new SkipDecode(2, 1, 0.5, 40).places(8)).containsExactly(2, 3, 4, 5, 6);
    assertThat(new SkipDecode(2, 1, 1, 40).places(8)).containsExactly(2);
  }

  @Test
  void aDecoderWithoutALayerAtTheTop_isRefused() {
    assertThatThrownBy(() -> new SkipDecode(2, 1, 0.5, 8).active(4, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("raise fewest or lower bottom");
  }
}
