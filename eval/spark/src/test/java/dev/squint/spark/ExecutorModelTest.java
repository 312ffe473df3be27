package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.LoadOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutorModelTest {

  @Test
  void picturesAreKept_ifTheyAreAskedAboutUnderSeveralPlans() {
    LoadOptions one = options(List.of("none"));
    LoadOptions two = options(List.of("none", "encoder:random(keep=0.5)"));
    assertThat(one.pictureCacheBytes()).isZero();
    assertThat(two.pictureCacheBytes()).isEqualTo(LoadOptions.DEFAULT.pictureCacheBytes());
    assertThat(List.of(one.prefixCacheBytes(), two.prefixCacheBytes())).containsOnly(0L);
  }

  private static LoadOptions options(List<String> plans) {
    return ExecutorModel.options(new ModelSettings("model", "", 0, plans), 3);
  }
}
