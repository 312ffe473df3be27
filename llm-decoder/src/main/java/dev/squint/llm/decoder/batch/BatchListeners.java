package dev.squint.llm.decoder.batch;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notifies several listeners, which may be added at any time. Thread-safe. */
public final class BatchListeners implements BatchListener {

  private final List<BatchListener> all = new CopyOnWriteArrayList<>();

  /** Adds a listener. */
  public void add(BatchListener listener) {
    all.add(listener);
  }

  @Override
  public void stepped(int rows, int waiting, double millis) {
    all.forEach(listener -> listener.stepped(rows, waiting, millis));
  }

  @Override
  public void prefilled(int tokens, double millis) {
    all.forEach(listener -> listener.prefilled(tokens, millis));
  }
}
