package dev.squint.llm.jinja;

/** What a template can call. */
@FunctionalInterface
interface Function {

  Object call(Run run, Arguments arguments);
}
