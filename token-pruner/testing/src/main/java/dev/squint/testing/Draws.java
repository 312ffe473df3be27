package dev.squint.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Values drawn from a seed. Of 16 consecutive seeds, one always draws the least value, one the
 * greatest, and two draw an edge value every other time. The others draw uniformly and an edge
 * value occasionally.
 */
public final class Draws {
  private static final int KINDS = 16;
  private static final long[] LONGS = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE};
  private static final float[] FLOATS = {
    0,
    1,
    -1,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  private final int kind;
  private final SplittableRandom random;

  Draws(long seed) {
    this.kind = (int) Math.floorMod(seed, (long) KINDS);
    this.random = new SplittableRandom(seed);
  }

  /** A seed of the kind of this try, so that few tries include edge values too. */
  static long seedOfKind(int attempt, long any) {
    return Math.floorDiv(any, (long) KINDS) * KINDS + attempt % KINDS;
  }

  /** From least to most, both included. */
  public int integer(int least, int most) {
    return switch (edge()) {
      case LEAST -> least;
      case GREATEST -> most;
      case NONE -> (int) random.nextLong(least, most + 1L);
    };
  }

  /** From least to most, both included. */
  public double real(double least, double most) {
    return switch (edge()) {
      case LEAST -> least;
      case GREATEST -> most;
      case NONE -> least + (most - least) * random.nextDouble();
    };
  }

  /** Any long, including 0, 1, -1, the least and the greatest. */
  public long anyLong() {
    return random.nextInt(8) == 0 ? LONGS[random.nextInt(LONGS.length)] : random.nextLong();
  }

  /** Any float except NaN: small numbers that repeat, all magnitudes, infinities. */
  public float anyFloat() {
    return switch (random.nextInt(4)) {
      case 0 -> FLOATS[random.nextInt(FLOATS.length)];
      case 1 -> random.nextInt(-5, 6) / 4f;
      case 2 -> (float) random.nextDouble(-1000, 1000);
      default -> {
        float any = Float.intBitsToFloat(random.nextInt());
        yield Float.isNaN(any) ? 0 : any;
      }
    };
  }

  /** A text of least to most letters from a range of the alphabet. */
  public String text(int least, int most, char from, char to) {
    StringBuilder text = new StringBuilder();
    for (int left = integer(least, most); left > 0; left--) {
      text.append((char) integer(from, to));
    }
    return text.toString();
  }

  /** Between least and most elements. */
  public <T> List<T> list(int least, int most, Supplier<T> element) {
    List<T> list = new ArrayList<>();
    for (int left = integer(least, most); left > 0; left--) {
      list.add(element.get());
    }
    return list;
  }

  /** One of the values of an enum. */
  public <E extends Enum<E>> E constant(Class<E> type) {
    E[] constants = type.getEnumConstants();
    return constants[random.nextInt(constants.length)];
  }

  private enum Edge {
    LEAST,
    GREATEST,
    NONE
  }

  private Edge edge() {
    if (kind == 0) {
      return Edge.LEAST;
    }
    if (kind == 1) {
      return Edge.GREATEST;
    }
    int draw = random.nextInt(kind < 4 ? 4 : KINDS);
    return draw == 0 ? Edge.LEAST : draw == 1 ? Edge.GREATEST : Edge.NONE;
  }
}
