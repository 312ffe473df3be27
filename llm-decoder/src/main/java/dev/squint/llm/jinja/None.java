package dev.squint.llm.jinja;

/** Python's {@code None}. */
enum None {
  NONE
}
