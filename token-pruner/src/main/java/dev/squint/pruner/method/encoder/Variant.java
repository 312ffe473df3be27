package dev.squint.pruner.method.encoder;

/** Which of two readings of a method is followed, where its paper and its authors' code differ. */
public enum Variant {
  /** What the paper says. */
  PAPER,
  /** What the authors' code does. */
  CODE
}
