package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two parts are never open at the same time, and a failure leaves the first. */
class SwapTest {

  private final List<String> done = new ArrayList<>();

  private String open(String part) {
    done.add(part);
    if (part.startsWith("broken")) {
      throw new IllegalStateException(part);
    }
    return part;
  }

  private String swap(String other, String old) {
    return Swap.inPlace(() -> done.add("release"), () -> open(other), () -> open(old));
  }

  @Test
  void theOldPartIsReleasedFirst() {
    assertThat(swap("new", "old")).isEqualTo("new");
    assertThat(done).containsExactly("release", "new");
  }

  @Test
  void theOldPartIsOpenedAgain_ifTheNewOneCannotBe() {
    assertThatThrownBy(() -> swap("broken", "old"))
        .hasMessage("broken")
        .hasNoSuppressedExceptions();
    assertThat(done).containsExactly("release", "broken", "old");
  }

  @Test
  void ifNeitherCanBeOpened_theFirstFailureCounts() {
    assertThatThrownBy(() -> swap("broken", "broken too"))
        .hasMessage("broken")
        .hasSuppressedException(new IllegalStateException("broken too"));
  }
}
