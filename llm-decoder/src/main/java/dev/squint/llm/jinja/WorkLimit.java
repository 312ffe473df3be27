package dev.squint.llm.jinja;

/** Bounds the work of one rendering, since a template of a package is untrusted. */
final class WorkLimit {

  private static final int STEPS = 2_000_000;
  private static final int DEPTH = 150;

  /** Characters in one text, and items in one list. */
  static final int LONGEST = 1 << 24;

  private static final long CHARACTERS = 1L << 28;

  private int steps;
  private int depth;
  private long characters;

  void step() {
    if (++steps > STEPS) {
      throw Failure.of("the template takes more than %d steps", STEPS);
    }
  }

  void enter() {
    if (++depth > DEPTH) {
      throw Failure.of("macros or loops call each other more than %d deep", DEPTH);
    }
  }

  void leave() {
    depth--;
  }

  /** Counts a step that reads every part of a value. */
  void read(Object value) {
    if (value instanceof String text) {
      make(text.length());
    } else {
      make(Math.max(0, Values.length(value)));
    }
  }

  /** Counts text or items that a step makes. */
  void make(long length) {
    characters += length;
    if (length > LONGEST || characters > CHARACTERS) {
      throw Failure.of("the template makes more text than a prompt can have");
    }
  }
}
