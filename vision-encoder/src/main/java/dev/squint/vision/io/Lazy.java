package dev.squint.vision.io;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is computed when it is first read, once; other threads wait for it. Thread-safe. If
 * the computation fails, the next read computes again.
 *
 * @param <T> its type
 */
public final class Lazy<T> implements Supplier<T> {

  private final Supplier<T> source;
  private volatile @Nullable T value;

  /** A value that is not computed yet. */
  public Lazy(Supplier<T> source) {
    this.source = source;
  }

  @Override
  public T get() {
    T known = value;
    return known == null ? computed() : known;
  }

  private synchronized T computed() {
    T known = value;
    if (known == null) {
      known = source.get();
      value = known;
    }
    return known;
  }

  /** The value if it was computed; never waits. */
  public Optional<T> known() {
    return Optional.ofNullable(value);
  }
}
