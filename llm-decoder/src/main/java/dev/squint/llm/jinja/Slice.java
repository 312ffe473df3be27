package dev.squint.llm.jinja;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What stands in brackets with colons; {@code None} for what is left out. */
record Slice(Object from, Object to, Object by) {

  /** Whether Python takes the parts. */
  boolean isValid() {
    return List.of(from, to, by).stream()
        .allMatch(part -> part == None.NONE || Values.isInteger(part));
  }

  long step() {
    long step = by == None.NONE ? 1 : Values.integer(by, "slice");
    if (step == 0) {
      throw Failure.of("slice step cannot be zero");
    }
    return step;
  }

  /** Where the slice of a sequence of this length begins. */
  long first(int length) {
    return bound(from, length, step(), step() > 0 ? 0 : length - 1L);
  }

  /** The index before which it ends. */
  long last(int length) {
    return bound(to, length, step(), step() > 0 ? length : -1);
  }

  /** The indices of a sequence of this length that the slice names. */
  IntStream indices(int length) {
    long step = step();
    long first = first(length);
    long last = last(length);
    long count = step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step;
    return IntStream.range(0, (int) Math.max(0, count)).map(i -> (int) (first + i * step));
  }

  private static long bound(Object part, int length, long step, long otherwise) {
    if (part == None.NONE) {
      return otherwise;
    }
    long index = Values.integer(part, "slice");
    if (index < 0) {
      index += length;
    }
    return step > 0
        ? Math.max(0, Math.min(index, length))
        : Math.max(-1, Math.min(index, length - 1L));
  }

  List<Object> of(int length, IntFunction<Object> at) {
    return indices(length).mapToObj(at).toList();
  }
}
