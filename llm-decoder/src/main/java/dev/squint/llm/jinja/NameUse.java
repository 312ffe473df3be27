package dev.squint.llm.jinja;

/** Who is told of the names that a part of a template uses. */
interface NameUse {

  void reads(String name);

  void writes(String name);
}
