package dev.squint.llm.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The items for which a test holds, each looked for when it is asked for. */
final class ItemFilter implements Iterator<Object> {

  private final Iterator<Object> items;
  private final Predicate<Object> test;
  private @Nullable Object next;

  ItemFilter(Iterator<Object> items, Predicate<Object> test) {
    this.items = items;
    this.test = test;
  }

  @Override
  public boolean hasNext() {
    while (next == null && items.hasNext()) {
      Object item = items.next();
      if (test.test(item)) {
        next = item;
      }
    }
    return next != null;
  }

  @Override
  public Object next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Object item = next;
    next = null;
    return item;
  }
}
