package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {

  @ParameterizedTest
  @CsvSource({
    "top-p, '; did you mean top_p?'",
    "TOP_P, '; did you mean top_p?'",
    "temprature, '; did you mean temperature?'",
    "x, ''",
    "seed_of_the_year, ''"
  })
  void theNearestNameIsSuggested_ifItIsNear(String given, String expected) {
    assertThat(Suggestion.of(given, List.of("top_p", "temperature", "seed"))).isEqualTo(expected);
  }

  @Test
  void aMisspeltMethod_getsASuggestion() {
    assertThatThrownBy(() -> PruningPlan.parse("encoder:fastvv(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no method is called 'fastvv'; available are [")
        .hasMessageEndingWith("]; did you mean fastv?");
  }
}
