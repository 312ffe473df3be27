package dev.squint.eval.scene;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Draws by a seed; {@link Random}'s numbers are the same on every Java platform. */
final class Dice {

  private final Random random;

  /** Begins at a seed. */
  Dice(long seed) {
    // Neighbouring seeds give related first numbers.
    random = new Random(seed * 0x9E3779B97F4A7C15L + 0x2545F4914F6CDD1DL);
    random.nextLong();
  }

  /** A whole number, both ends included. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  /** A number from low to high. */
  double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** True in so many cases of one. */
  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  /** One of them. */
  @SafeVarargs
  final <T> T of(T... all) {
    return all[random.nextInt(all.length)];
  }

  /** One of them. */
  <T> T of(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Different ones of them. */
  <T> List<T> several(List<T> all, int count) {
    List<T> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, random);
    return List.copyOf(shuffled.subList(0, count));
  }
}
