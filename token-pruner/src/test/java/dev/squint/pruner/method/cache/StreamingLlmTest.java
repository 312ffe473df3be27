package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.method.GoldenCase;
import org.junit.jupiter.api.Test;

public class StreamingLlmTest {

  public static void agreesWith(GoldenCase golden) {
    int sinks = golden.integer("start_size");
    int count = sinks + golden.integer("recent_size");
    int rows = golden.integer("cache_len");
    StreamingLlm policy = new StreamingLlm(sinks, true);
    golden.assertIntegers(
        "call",
        policy
            .decide(
                Caches.of(Caches.blank(1, rows), Caches.blank(1, rows), EvidenceSet.nothing()),
                Budget.count(count))
            .rows()
            .get(0)
            .kept());
    golden.assertIntegers(
        "evict_for_space", policy.kept(rows, count, golden.integer("num_coming")));
    // The authors' function drops rows that the caller names, 3 to 5: nothing is decided.
    golden.ignore("evict_range_3_6");
  }

  @Test
  void aBudgetSmallerThanTheSinksKeepsTheFirst() {
    assertThat(new StreamingLlm(4, false).kept(9, 3, 0)).containsExactly(0, 1, 2);
    assertThat(new StreamingLlm(4, false).kept(9, 9, 0)).hasSize(9);
  }
}
