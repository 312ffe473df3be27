package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.RandomTries;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopTextsTest {

  @Test
  void stopAcrossPieces_endsBeforeItAndShowsNothingOfIt() {
    StopTexts stops = new StopTexts(List.of("END"));
    assertThat(stops.add("one E")).isEqualTo("one ");
    assertThat(stops.add("N")).isEmpty();
    assertThat(stops.add("D two")).isEmpty();
    assertThat(stops.reached()).isTrue();
    assertThat(stops.add("three")).isEmpty();
    assertThat(stops.end()).isEmpty();
  }

  @Test
  void beginningOfAStopThatDoesNotCome_isShownLater() {
    StopTexts stops = new StopTexts(List.of("END"));
    assertThat(stops.add("the E")).isEqualTo("the ");
    assertThat(stops.add("N")).isEmpty();
    assertThat(stops.end()).isEqualTo("EN");
    assertThat(stops.reached()).isFalse();
  }

  @Test
  void noStops_changeNothing() {
    StopTexts stops = new StopTexts(List.of());
    assertThat(stops.add("anything")).isEqualTo("anything");
  }

  @Test
  void anyPieces_showTheTextUpToTheFirstStop() {
    RandomTries.of(
        1000,
        draws ->
            assertShownUpToTheFirstStop(
                draws.list(0, 12, () -> draws.text(0, 4, 'a', 'c')),
                draws.list(1, 3, () -> draws.text(1, 4, 'a', 'c'))));
  }

  private static void assertShownUpToTheFirstStop(List<String> pieces, List<String> texts) {
    StopTexts stops = new StopTexts(texts);
    StringBuilder shown = new StringBuilder();
    for (String piece : pieces) {
      shown.append(stops.add(piece));
    }
    shown.append(stops.end());
    String whole = String.join("", pieces);
    // The stop that is complete first ends the answer; of those complete at once, the one that
    // begins first.
    int end = whole.length();
    boolean found = false;
    for (int length = 1; length <= whole.length() && !found; length++) {
      String soFar = whole.substring(0, length);
      int at = texts.stream().mapToInt(soFar::indexOf).filter(i -> i >= 0).min().orElse(-1);
      if (at >= 0) {
        found = true;
        end = at;
      }
    }
    assertThat(stops.reached()).isEqualTo(found);
    if (found) {
      // Whole pieces arrive at once, so a stop that begins earlier may be complete in the same
      // piece.
      assertThat(shown.length()).isLessThanOrEqualTo(end);
    } else {
      assertThat(shown.toString()).isEqualTo(whole);
    }
    assertThat(whole).startsWith(shown.toString());
    assertThat(texts).noneMatch(shown.toString()::contains);
  }
}
