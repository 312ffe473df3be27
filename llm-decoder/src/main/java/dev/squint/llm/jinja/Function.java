package dev.squint.llm.jinja;

/** What a template can call. */
@FunctionalInterface
interface Function {

  Object call(Rendering run, Arguments arguments);
}
