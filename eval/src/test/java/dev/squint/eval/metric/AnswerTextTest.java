package dev.squint.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values computed by hand from the official code's rules. */
class AnswerTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Yes.                | yes
          3.                  | 3
          2.5                 | 2.5
          'red, blue'         | red blue
          red,blue            | red blue
          1,000 people        | 1000 people
          'a-b 1,000'         | ab 1000
          t-shirt             | t shirt
          The cat             | cat
          'an  apple a day'   | apple day
          two                 | 2
          None                | 0
          eleven              | eleven
          dont know           | don't know
          It's                | it's
          Im here             | im here
          'it is: red'        | it is: red
          (left)              | left
          7:30 a.m.           | 7:30 am
          """)
  void normalise_givesTheOfficialForm(String given, String expected) {
    assertThat(AnswerText.normalise(given)).isEqualTo(expected);
  }

  @Test
  void markNextToASpace_isDeletedEverywhere() {
    // "- " occurs, so "-" is deleted, also inside "t-shirt".
    assertThat(AnswerText.normalise("t-shirt - blue")).isEqualTo("tshirt blue");
  }

  @Test
  void onlyTheFirst32Periods_areDeleted() {
    assertThat(AnswerText.normalise("x" + ".".repeat(40))).isEqualTo("x" + ".".repeat(8));
  }

  @Test
  void lineBreaksAndTabsAreSpaces() {
    assertThat(AnswerText.normalise("\tred\nball \n")).isEqualTo("red ball");
  }

  @Test
  void exactMatch_acceptsAnyRightAnswer() {
    assertThat(ExactMatch.matches("Two.", List.of("three", "2"))).isTrue();
    assertThat(ExactMatch.matches("twelve", List.of("three", "2"))).isFalse();
    assertThat(ExactMatch.matches("", List.of("red"))).isFalse();
  }

  @Test
  void exactMatch_readsALetterThatIsAnArticle() {
    assertThat(ExactMatch.matches("A", List.of("A"))).isTrue();
    assertThat(ExactMatch.matches("", List.of("A"))).isFalse();
    assertThat(ExactMatch.matches("the", List.of("A"))).isFalse();
  }
}
