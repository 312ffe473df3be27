package dev.squint.llm.jinja;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of one loop. Reads ahead only as far as it is asked to. */
final class Loop implements Function, Iterator<Object> {

  private final Object items;
  private final @Nullable Again again;
  private final int depth;
  private Iterator<Object> rest;
  private int index = -1;
  private int length = -1;
  private @Nullable Object before;
  private @Nullable Object current;
  private @Nullable Object after;
  private @Nullable Tuple changed;

  /** Renders the body of a recursive loop for other items. */
  @FunctionalInterface
  interface Again {
    String render(Object items, int depth);
  }

  /**
   * @param items what is looped over
   * @param again renders the body for more items; null for loops that are not recursive
   * @param depth how deep the recursion is, counted from 0
   */
  Loop(Object items, @Nullable Again again, int depth) {
    this.items = items;
    this.again = again;
    this.depth = depth;
    this.rest = Values.iterate(items);
  }

  @Override
  public boolean hasNext() {
    return peek() != null;
  }

  @Override
  public Object next() {
    Object next = peek();
    if (next == null) {
      throw new java.util.NoSuchElementException();
    }
    after = null;
    index++;
    before = current;
    current = next;
    return next;
  }

  private @Nullable Object peek() {
    if (after == null && rest.hasNext()) {
      after = rest.next();
    }
    return after;
  }

  int length() {
    if (length < 0) {
      length = Values.length(items);
      if (length < 0) {
        List<Object> left = new java.util.ArrayList<>();
        rest.forEachRemaining(left::add);
        rest = left.iterator();
        length = left.size() + index + 1 + (after == null ? 0 : 1);
      }
    }
    return length;
  }

  @Nullable Object member(String name) {
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) length() - index;
      case "revindex0" -> (long) length() - index - 1;
      case "first" -> index == 0;
      case "last" -> peek() == null;
      case "length" -> (long) length();
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" -> before == null ? new Undefined("there is no previous item") : before;
      case "nextitem" -> {
        Object next = peek();
        yield next == null ? new Undefined("there is no next item") : next;
      }
      case "cycle" -> (Function) (run, given) -> cycle(given);
      case "changed" -> (Function) (run, given) -> isChanged(given);
      default -> null;
    };
  }

  private Object cycle(Arguments given) {
    if (given.size() == 0) {
      throw Failure.of("no items for cycling given");
    }
    return given.at(index % given.size());
  }

  private Object isChanged(Arguments given) {
    Tuple now = new Tuple(given.positional());
    if (changed != null && Values.areEqual(changed, now)) {
      return false;
    }
    changed = now;
    return true;
  }

  @Override
  public Object call(Rendering run, Arguments given) {
    if (again == null) {
      throw Failure.of("The loop must have the 'recursive' marker to be called recursively.");
    }
    return again.render(given.only("loop", 1, 1).at(0), depth + 1);
  }
}
