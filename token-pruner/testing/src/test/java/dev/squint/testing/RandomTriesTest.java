package dev.squint.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Alone, since it sets the seed of all random tests. */
@Isolated
class RandomTriesTest {
  private final @Nullable String given = System.getProperty(RandomTries.SEED);

  @BeforeEach
  void noSeed() {
    System.clearProperty(RandomTries.SEED);
  }

  @AfterEach
  void seedOfTheCall() {
    if (given == null) {
      System.clearProperty(RandomTries.SEED);
    } else {
      System.setProperty(RandomTries.SEED, given);
    }
  }

  @Test
  void failure_namesASeedThatDrawsTheSameAgain() {
    List<Integer> drawn = new ArrayList<>();
    String message = failure(drawn);
    Matcher seed = Pattern.compile("-Dseed=(-?\\d+) ").matcher(message);
    assertThat(seed.find()).as(message).isTrue();
    int wrong = drawn.get(drawn.size() - 1);
    assertThat(message).contains("of 1000 failed").endsWith(": " + wrong);

    System.setProperty(RandomTries.SEED, seed.group(1));
    List<Integer> again = new ArrayList<>();
    assertThat(failure(again)).contains("the given seed failed").endsWith(": " + wrong);
    assertThat(again).containsExactly(wrong);
  }

  private static String failure(List<Integer> drawn) {
    try {
      RandomTries.of(
          1000,
          draws -> {
            drawn.add(draws.integer(0, 1000));
            if (drawn.get(drawn.size() - 1) > 500) {
              throw new IllegalStateException(String.valueOf(drawn.get(drawn.size() - 1)));
            }
          });
    } catch (AssertionError e) {
      return String.valueOf(e.getMessage());
    }
    throw new IllegalStateException("no failure");
  }

  @Test
  void fewTries_haveTheLeastAndTheGreatestAndWhatIsBetween() {
    List<Integer> drawn = new ArrayList<>();
    RandomTries.of(16, draws -> drawn.add(draws.integer(-3, Integer.MAX_VALUE)));
    assertThat(drawn).hasSize(16).contains(-3, Integer.MAX_VALUE);
    assertThat(drawn.get(0)).isEqualTo(-3);
    assertThat(drawn).anyMatch(value -> value > -3 && value < Integer.MAX_VALUE);
  }

  @Test
  void otherRuns_drawOtherValues() {
    List<Long> one = new ArrayList<>();
    List<Long> other = new ArrayList<>();
    RandomTries.of(20, draws -> one.add(draws.anyLong()));
    RandomTries.of(20, draws -> other.add(draws.anyLong()));
    assertThat(one).isNotEqualTo(other);
  }

  @Test
  void drawnValues_keepTheirBounds() {
    RandomTries.of(
        500,
        draws -> {
          assertThat(draws.real(-1, 2)).isBetween(-1.0, 2.0);
          assertThat(draws.text(1, 4, 'a', 'c')).matches("[abc]{1,4}");
          assertThat(draws.list(0, 3, draws::anyFloat))
              .hasSizeBetween(0, 3)
              .doesNotContain(Float.NaN);
        });
  }

  @Test
  void wrongSeed_isNamed() {
    System.setProperty(RandomTries.SEED, "x");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RandomTries.of(1, draws -> {}))
        .withMessage("-Dseed must be a whole number of 64 bits but was 'x'");
    System.clearProperty(RandomTries.SEED);
    assertThatThrownBy(() -> RandomTries.of(1, draws -> assertThat(1).isEqualTo(2)))
        .isInstanceOf(AssertionError.class);
  }
}
