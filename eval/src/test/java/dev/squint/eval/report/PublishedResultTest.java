package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.plan.PruningPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedResultTest {

  static Iterable<PublishedResult> all() {
    return PublishedResult.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyResult_isComplete(PublishedResult published) {
    assertThat(published.tokens()).isBetween(0.01, 1.0);
    assertThat(published.paper()).contains("arXiv ");
    assertThat(published.headline()).isNotBlank();
    assertThat(published.differs()).isNotBlank();
    if (published.relative() != null) {
      assertThat(published.relative()).isBetween(50.0, 105.0);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void plan_keepsThePublishedShareOfTokens(PublishedResult published) {
    published
        .blind()
        .ifPresent(
            blind -> assertThat(blind).endsWith(":random(keep=%s)".formatted(published.tokens())));
    assertThat(PruningPlan.parse(published.plan()).steps()).hasSize(1);
  }

  @Test
  void methods_comeFromManyPapers() {
    assertThat(PublishedResult.all().stream().map(PublishedResult::method).distinct())
        .hasSizeGreaterThan(10);
  }
}
