package dev.squint.eval.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FlopsTest {

  private static final DecoderShape LLAVA_7B =
      new DecoderShape(32, 4096, 11008, 32, 32, 128, 32064);

  @Test
  void llava7b_with617Tokens_isWhatThePapersSay() {
    Flops flops = Flops.prefill(LLAVA_7B, 617);
    assertThat(flops.fastv() / 1e12).isCloseTo(3.21, within(0.005));
    assertThat(flops.swigluMacs() / 1e12).isCloseTo(4.10, within(0.005));
    assertThat(flops.full() / 1e12).isCloseTo(8.19, within(0.005));
  }

  @Test
  void llava7b_with576Tokens_isYoposFigure() {
    assertThat(Flops.prefill(LLAVA_7B, 576).full() / 1e12).isCloseTo(7.63, within(0.005));
  }

  @Test
  void withoutSharedKeys_groupedIsFullAndTheOutputLayer() {
    Flops flops = Flops.prefill(LLAVA_7B, 617);
    assertThat(flops.grouped() - flops.full()).isCloseTo(2.0 * 4096 * 32064, within(1e4));
  }

  @Test
  void sharedKeysCostLess() {
    DecoderShape shared = new DecoderShape(32, 4096, 11008, 32, 8, 128, 32064);
    double saved = Flops.prefill(LLAVA_7B, 617).grouped() - Flops.prefill(shared, 617).grouped();
    assertThat(saved).isCloseTo(32 * 2.0 * 617 * 2 * 4096 * 24 * 128, within(1e4));
  }
}
