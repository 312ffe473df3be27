package dev.squint.webapp.answering;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FairQueueTest {

  private final FairQueue<String> queue = new FairQueue<>();
  private final ClientTurns turns = new ClientTurns();

  @Test
  void clientsTakeTurns_andKeepTheirOrder() {
    for (String item : List.of("a1", "a2", "a3", "b1", "b2", "c1")) {
      queue.add(item.substring(0, 1), item);
    }

    List<String> served = new ArrayList<>();
    while (queue.size() > 0) {
      served.add(Objects.requireNonNull(queue.poll(item -> true, turns)));
    }
    assertThat(served).containsExactly("a1", "b1", "c1", "a2", "b2", "a3");
  }

  @Test
  void aClientWithOneItem_waitsForOneOfTheOther() {
    for (int i = 0; i < 100; i++) {
      queue.add("many", "many" + i);
    }
    assertThat(queue.poll(item -> true, turns)).isEqualTo("many0");
    queue.add("one", "one");

    assertThat(next()).isEqualTo("one");
    queue.add("one", "again");
    assertThat(List.of(next(), next())).containsExactly("many1", "again");
  }

  @Test
  void aNewClient_doesNotWaitForThoseThatHadTheirTurn() {
    List.of("a1", "a2").forEach(item -> queue.add("a", item));
    List.of("b1", "b2").forEach(item -> queue.add("b", item));
    assertThat(List.of(next(), next())).containsExactly("a1", "b1");
    queue.add("c", "c1");

    assertThat(List.of(next(), next(), next())).containsExactly("c1", "a2", "b2");
  }

  private String next() {
    return Objects.requireNonNull(queue.poll(item -> true, turns));
  }

  @Test
  void anItemThatCannotStart_letsOtherClientsPass() {
    queue.add("a", "slow");
    queue.add("b", "quick");

    assertThat(queue.poll(item -> item.equals("quick"), turns)).isEqualTo("quick");
    assertThat(queue.poll(item -> item.equals("quick"), turns)).isNull();
    assertThat(queue.size()).isEqualTo(1);
  }

  @Test
  void aFullQueue_dropsTheNewestOfTheLongest() {
    List.of("a1", "a2", "a3").forEach(item -> queue.add("a", item));
    queue.add("b", "b1");

    assertThat(queue.dropForOther("a")).as("a has the longest itself").isNull();
    assertThat(queue.dropForOther("b")).as("a has 3, b would have 2").isEqualTo("a3");
    assertThat(queue.dropForOther("b")).as("a has 2, b would have 2").isNull();
    assertThat(queue.dropForOther("new")).as("a has 2, new would have 1").isEqualTo("a2");
  }

  @Test
  void aRemovedItem_isNotServed() {
    queue.add("a", "a1");
    assertThat(queue.remove("a", "a1")).isTrue();
    assertThat(queue.remove("a", "a1")).isFalse();
    assertThat(queue.poll(item -> true, turns)).isNull();
  }
}
