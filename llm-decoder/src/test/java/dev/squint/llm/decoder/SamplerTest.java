package dev.squint.llm.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SamplerTest {

  private static final float[] LOGITS = {0, (float) Math.log(2), (float) Math.log(5), -100};

  @Test
  void greedy_takesTheHighestAndOfEqualsTheFirst() {
    assertThat(Sampler.GREEDY.next(LOGITS)).isEqualTo(2);
    assertThat(Sampler.GREEDY.next(new float[] {1, 3, 3})).isEqualTo(1);
  }

  @Test
  void random_drawsAsOftenAsTheModelSays() {
    double[] share = shares(Sampler.random(1, 0, 1, 7));

    assertThat(share[0]).isCloseTo(1 / 8.0, within(0.02));
    assertThat(share[1]).isCloseTo(2 / 8.0, within(0.02));
    assertThat(share[2]).isCloseTo(5 / 8.0, within(0.02));
    assertThat(share[3]).isZero();
  }

  @Test
  void temperature_sharpens() {
    double[] share = shares(Sampler.random(0.5, 0, 1, 7));

    assertThat(share[2]).isCloseTo(25 / 30.0, within(0.02));
  }

  @Test
  void topK_leavesTheHighest() {
    double[] share = shares(Sampler.random(1, 2, 1, 7));

    assertThat(share[0]).isZero();
    assertThat(share[1]).isCloseTo(2 / 7.0, within(0.02));
  }

  @Test
  void topP_leavesTheFewestThatReachIt() {
    assertThat(shares(Sampler.random(1, 0, 0.6, 7))[2]).isEqualTo(1);
    assertThat(shares(Sampler.random(1, 0, 0.7, 7))[1]).isCloseTo(2 / 7.0, within(0.02));
  }

  @Test
  void sameSeed_sameDraws() {
    assertThat(shares(Sampler.random(1, 0, 1, 3))).isEqualTo(shares(Sampler.random(1, 0, 1, 3)));
    assertThat(shares(Sampler.random(1, 0, 1, 3))).isNotEqualTo(shares(Sampler.random(1, 0, 1, 4)));
  }

  @Test
  void nonsense_isRefusedWithTheValue() {
    assertThatThrownBy(() -> Sampler.random(0, 0, 1, 1))
        .hasMessage("temperature must be above 0 but was 0.0");
    assertThatThrownBy(() -> Sampler.random(1, -1, 1, 1))
        .hasMessage("top-k must be 0 (all) or more but was -1");
    assertThatThrownBy(() -> Sampler.random(1, 0, 1.5, 1))
        .hasMessage("top-p must be in (0, 1] but was 1.5");
  }

  private static double[] shares(Sampler sampler) {
    int draws = 10_000;
    double[] share = new double[LOGITS.length];
    for (int i = 0; i < draws; i++) {
      share[sampler.next(LOGITS)] += 1.0 / draws;
    }
    for (int i = 0; i < share.length; i++) {
      share[i] = Math.rint(share[i] * draws) / draws;
    }
    return share;
  }
}
