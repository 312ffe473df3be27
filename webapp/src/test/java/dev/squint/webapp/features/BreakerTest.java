package dev.squint.webapp.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {

  private long now = Long.MAX_VALUE - 1;
  private final Breaker breaker = new Breaker(Duration.ofNanos(10), () -> now);

  @Test
  void aServiceThatFailed_isNotAsked_thenTriedByOne() {
    assertThat(breaker.allows()).isTrue();
    breaker.failed();
    assertThat(breaker.allows()).isFalse();
    now += 9;
    assertThat(breaker.allows()).isFalse();
    now += 1;
    assertThat(breaker.allows()).isTrue();
    assertThat(breaker.allows()).isFalse();
    assertThat(breaker.isPaused()).isTrue();
    breaker.succeeded();
    assertThat(breaker.allows()).isTrue();
    assertThat(breaker.isPaused()).isFalse();
  }

  @Test
  void aTrialThatNeverEnds_isFollowedByAnother() {
    breaker.failed();
    now += 10;
    assertThat(breaker.allows()).isTrue();
    now += 10;
    assertThat(breaker.allows()).isTrue();
  }
}
