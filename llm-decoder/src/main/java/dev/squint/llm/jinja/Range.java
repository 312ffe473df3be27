package dev.squint.llm.jinja;

import java.util.AbstractList;
import java.util.List;

/** Python's {@code range}. */
record Range(long start, long stop, long step) {

  private static final long LONGEST = 100_000;

  Range {
    if (step == 0) {
      throw Failure.of("range() arg 3 must not be zero");
    }
    if (length(start, stop, step) > LONGEST) {
      throw Failure.of(
          "Range too big. The sandbox blocks ranges larger than MAX_RANGE (%d).", LONGEST);
    }
  }

  static Range of(Arguments given) {
    given.only("range", 1, 3);
    long first = Values.integer(given.at(0), "range");
    if (given.size() == 1) {
      return new Range(0, first, 1);
    }
    long step = given.size() == 3 ? Values.integer(given.at(2), "range") : 1;
    return new Range(first, Values.integer(given.at(1), "range"), step);
  }

  private static long length(long start, long stop, long step) {
    long span = step > 0 ? Math.subtractExact(stop, start) : Math.subtractExact(start, stop);
    return span <= 0 ? 0 : (span - 1) / Math.abs(step) + 1;
  }

  int size() {
    return (int) length(start, stop, step);
  }

  List<Object> items() {
    return new AbstractList<>() {
      @Override
      public Object get(int index) {
        return start + index * step;
      }

      @Override
      public int size() {
        return Range.this.size();
      }
    };
  }

  Range slice(Slice slice) {
    long by = slice.step();
    return new Range(
        start + slice.first(size()) * step, start + slice.last(size()) * step, step * by);
  }

  @Override
  public String toString() {
    return step == 1
        ? "range(" + start + ", " + stop + ")"
        : "range(%d, %d, %d)".formatted(start, stop, step);
  }
}
