package dev.squint.llm.decoder.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PromptLookupTest {

  private static final int[] NONE = {};

  private static long[] drafts(int most, int[] notText, long... ids) {
    return new PromptLookup(ids, notText).drafts(most);
  }

  @Test
  void drafts_areWhatFollowedTheLastTokensBefore() {
    assertThat(drafts(4, NONE, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3)).containsExactly(4, 5, 6, 7);
    assertThat(drafts(2, NONE, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3)).containsExactly(4, 5);
    assertThat(drafts(4, NONE, 9, 2, 3, 4, 1, 2, 3)).containsExactly(4, 1, 2, 3);
  }

  @Test
  void drafts_preferThreeTokensToTwo_andTheNewestPlace() {
    assertThat(drafts(1, NONE, 1, 2, 3, 4, 9, 2, 3, 5, 1, 2, 3)).containsExactly(4);
    assertThat(drafts(1, NONE, 8, 2, 3, 4, 9, 2, 3, 5, 1, 2, 3)).containsExactly(5);
  }

  @Test
  void drafts_areNone_ifOneTokenIsTheSame_orNothingFollows() {
    assertThat(drafts(4, NONE, 1, 3, 4, 2, 3)).isEmpty();
    assertThat(drafts(4, NONE, 1, 2)).isEmpty();
    assertThat(drafts(4, NONE)).isEmpty();
    assertThat(drafts(0, NONE, 1, 2, 3, 1, 2)).isEmpty();
  }

  @Test
  void drafts_endAtAPicture_andPicturesAreNotCompared() {
    assertThat(drafts(4, new int[] {3}, 1, 2, 3, 7, 1, 2)).containsExactly(3);
    assertThat(drafts(4, new int[] {0, 1, 3, 4}, 7, 7, 5, 7, 7)).isEmpty();
  }

  @Test
  void tokensOfTheAnswer_areLookedAtToo() {
    PromptLookup lookup = new PromptLookup(new long[] {1}, NONE);
    for (long token = 2; token < 40; token++) {
      lookup.add(token);
    }
    assertThat(lookup.drafts(3)).isEmpty();
    lookup.add(2);
    lookup.add(3);
    assertThat(lookup.drafts(3)).containsExactly(4, 5, 6);
  }
}
