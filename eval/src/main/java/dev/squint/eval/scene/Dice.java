package dev.squint.eval.scene;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random choices from a seed; {@link Random} gives the same numbers on every Java platform. */
final class Dice {

  private final Random random;

  /** Creates the generator for a seed. */
  Dice(long seed) {
    // Mixes the seed, because neighbouring seeds give correlated first numbers.
    random = new Random(seed * 0x9E3779B97F4A7C15L + 0x2545F4914F6CDD1DL);
    random.nextLong();
  }

  /** Returns an integer from low to high, both inclusive. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  /** Returns a number in [low, high). */
  double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** Returns true with this probability. */
  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  /** Returns a random element. */
  @SafeVarargs
  final <T> T of(T... all) {
    return all[random.nextInt(all.length)];
  }

  /** Returns a random element. */
  <T> T of(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Returns different random elements. */
  <T> List<T> several(List<T> all, int count) {
    List<T> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, random);
    return List.copyOf(shuffled.subList(0, count));
  }
}
