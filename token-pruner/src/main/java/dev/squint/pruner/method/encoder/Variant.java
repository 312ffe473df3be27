package dev.squint.pruner.method.encoder;

/** Which version of a method to use where its paper and its authors' code differ. */
public enum Variant {
  /** The rule of the paper. */
  PAPER,
  /** The rule of the authors' code. */
  CODE
}
