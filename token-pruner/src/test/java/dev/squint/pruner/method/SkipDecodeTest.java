package dev.squint.pruner.method;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.LayerInput;
import dev.squint.pruner.Matrix;
import java.util.List;
import org.junit.jupiter.api.Test;

class SkipDecodeTest {

  static void agreesWith(GoldenCase golden) {
    int prompt = golden.integer("prompt_len");
    int length = golden.integer("seq_len");
    SkipDecode router =
        new SkipDecode(
            golden.integer("num_layers"),
            golden.integer("warmup_layers"),
            golden.integer("max_layers"),
            golden.integer("min_layers"),
            length - prompt);
    List<int[]> active = golden.integerRows("active_layers");
    assertThat(active).hasSize(length);
    for (int i = 0; i < length; i++) {
      assertThat(router.active(Math.max(-1, i - prompt)))
          .as("token %d", i)
          .containsExactly(active.get(i));
    }
  }

  @Test
  void aLayerIsRunForAllTokensOrNone() {
    SkipDecode router = new SkipDecode(6, 1, 4, 2, 3);
    Matrix hidden = Matrix.of(new float[] {1}, new float[] {2});

    assertThat(router.route(new LayerInput(3, hidden, new int[0], -1)).processed())
        .containsExactly(0, 1);
    assertThat(router.route(new LayerInput(3, hidden, new int[0], 2)).processed()).isEmpty();
    assertThat(router.route(new LayerInput(5, hidden, new int[0], 99)).processed())
        .containsExactly(0, 1);
  }
}
