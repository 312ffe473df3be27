package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.webapp.cluster.RoleSimulation.Machines;
import dev.squint.webapp.cluster.RoleSimulation.Seen;
import dev.squint.webapp.cluster.RoleSimulation.Work;
import org.junit.jupiter.api.Test;

class RoleSimulationTest {

  private static final double NO_LIMIT = Double.POSITIVE_INFINITY;

  private static void assertAll(double[] times, double expected) {
    for (double time : times) {
      assertThat(time).isCloseTo(expected, within(1e-6));
    }
  }

  @Test
  void withoutOtherQuestions_timesAreThoseOfTheWork() {
    Work work = new Work(100, 7, 30, 50, 0);
    Seen together = RoleSimulation.run(new Machines(0, 1, 2), work, 1e-3, 20, 1, 129, NO_LIMIT);
    assertAll(together.firstToken(), 130);
    assertAll(together.rest(), 50);
    assertThat(together.good()).isZero();
    Seen apart = RoleSimulation.run(new Machines(1, 1, 2), work, 1e-3, 20, 1, 138, NO_LIMIT);
    assertAll(apart.firstToken(), 137);
    assertThat(apart.good()).isEqualTo(1);
  }

  @Test
  void aKnownPicture_isNotEncoded() {
    Work work = new Work(100, 7, 30, 50, 1);
    Seen seen = RoleSimulation.run(new Machines(1, 1, 1), work, 1e-3, 20, 1, NO_LIMIT, NO_LIMIT);
    assertThat(seen.median()).isCloseTo(30, within(1e-6));
  }

  /** M/D/1: the mean wait is r / (2 (1 - r)) of the service time (Pollaczek-Khinchine). */
  @Test
  void oneSlot_waitsAsTheFormulaSays() {
    Work work = new Work(0, 0, 10, 0, 1);
    double load = 0.7;
    Seen seen =
        RoleSimulation.run(
            new Machines(0, 1, 1), work, 1000 * load / 10, 100_000, 3, NO_LIMIT, NO_LIMIT);
    double expected = 10 + 10 * load / (2 * (1 - load));
    // The standard error of the mean of 90,000 waits, which correlate over some ten, is near 1 %.
    assertThat(RoleSimulation.mean(seen.firstToken())).isCloseTo(expected, within(0.05 * expected));
  }

  @Test
  void goodputGrowsWithMachines_andNotAboveTheirCapacity() {
    Work work = new Work(100, 5, 30, 70, 0);
    double one = RoleSimulation.goodput(new Machines(0, 1, 2), work, 0.9, 1000, 1000);
    double four = RoleSimulation.goodput(new Machines(0, 4, 2), work, 0.9, 1000, 1000);
    assertThat(one).isBetween(1.0, 5.0);
    assertThat(four).isBetween(3.5 * one, 20.0);
    double apart = RoleSimulation.goodput(new Machines(2, 2, 4), work, 0.9, 1000, 1000);
    assertThat(apart).isLessThan(2 * 1000.0 / 100);
  }
}
