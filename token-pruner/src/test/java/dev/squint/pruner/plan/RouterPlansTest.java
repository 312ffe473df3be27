package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterPlansTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "decoder:p-mod",
        "decoder:gamma-mod(file=a.safetensors)",
        "encoder:random(keep=0.5) + layer2:uniform-grid(keep=0.5) + decoder:p-mod",
        "decoder:p-mod(file=a) + cache:streamingllm(keep=0.5)",
        "decoder:p-mod(file=a) + cache:quantised(bits=4)",
        "decoder:gamma-mod + cache:gear"
      })
  void whatReadsTokensOrRowsAlone_standsBesideARouter(String plan) {
    assertThat(PruningPlan.parse(plan)).hasToString(plan);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layer2:fastv(keep=0.5)",
        "layer2:pyramiddrop(keep=0.5)",
        "layer2:gemfilter(keep=0.5)",
        "layer2:dyvte"
      })
  void whatReadsALayer_isRefusedByName(String step) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse(step + " + decoder:p-mod"))
        .withMessageContaining("under 'decoder:p-mod' tokens skip layers")
        .withMessageContaining("such as random and uniform-grid; remove '%s'".formatted(step));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache:snapkv(keep=0.5)",
        "cache:h2o(keep=0.5)",
        "cache:think(keep=0.5)",
        "cache:streamingllm(keep=0.5, inCache=true)"
      })
  void policiesThatReadAttention_areRefusedByName(String step) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:gamma-mod + " + step))
        .withMessageContaining("such as streamingllm, quantised and gear; remove '%s'", step);
  }

  @Test
  void budgetsAndOtherParameters_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:p-mod(keep=0.5)"))
        .withMessageContaining("'p-mod' has no parameter 'keep' and no budget; it has [file]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("encoder:deepstack + decoder:p-mod"))
        .withMessageContaining("remove 'encoder:deepstack'");
  }
}
