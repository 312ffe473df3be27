package dev.squint.llm.jinja;

/** Receives the names that a part of a template reads and writes. */
interface NameUse {

  void reads(String name);

  void writes(String name);
}
