package dev.squint.llm.jinja;

import java.util.List;
import java.util.function.Consumer;

/** Statements with names of their own, which are decided before the first run. */
final class Block {

  private final List<Statement> parts;
  private Names own = Names.root();

  Block(List<Statement> parts) {
    this.parts = parts;
  }

  /** Whether it has no statement. */
  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Its scope for one run. */
  TemplateScope enter(TemplateScope outside, Rendering run) {
    return outside.inner(own, run);
  }

  /** Renders the statements in a scope from {@link #enter}. */
  Statement.Flow render(Rendering run, TemplateScope inside, StringBuilder out) {
    return Statement.all(parts, run, inside, out);
  }

  /** Decides its names, then those of the blocks inside it. */
  void enclose(Names outside) {
    enclose(outside, own -> {}, own -> {});
  }

  /**
   * Decides its names, then those of the blocks inside it.
   *
   * @param before declares the names that are used before the statements
   * @param after declares the names that are used after them
   */
  void enclose(Names outside, Consumer<Names> before, Consumer<Names> after) {
    own = outside.inner();
    before.accept(own);
    parts.forEach(part -> part.declare(own));
    after.accept(own);
    parts.forEach(part -> part.enclose(own));
  }

  /** Reports every name inside. */
  void mentions(NameUse use) {
    parts.forEach(part -> part.mentions(use));
  }

  /** Counts what a target writes as given from outside. */
  static void parameters(Target target, Names names) {
    target.declare(
        new NameUse() {
          @Override
          public void reads(String name) {
            names.reads(name);
          }

          @Override
          public void writes(String name) {
            names.parameter(name);
          }
        });
  }

  /** A block whose text is passed through filters. */
  record Filtered(List<Expr.Filtered> filters, Block block) {

    /**
     * Renders the block.
     *
     * @param result receives the filtered text, unless the block left a loop
     */
    Statement.Flow render(Rendering run, TemplateScope scope, Consumer<Object> result) {
      TemplateScope inside = block.enter(scope, run);
      StringBuilder out = new StringBuilder();
      Statement.Flow flow = block.render(run, inside, out);
      if (flow == Statement.Flow.NEXT) {
        Object value = out.toString();
        for (Expr.Filtered filter : filters) {
          run.limit().step();
          value =
              Filters.apply(run, filter.filter(), value, filter.arguments().evaluate(run, inside));
        }
        result.accept(value);
      }
      return flow;
    }

    void names(NameUse use) {
      filters.forEach(filter -> filter.parts().forEach(part -> part.names(use)));
    }

    // Jinja2 cannot compile a filter of a set block that reads a name of no other place; this can.
    void enclose(Names names) {
      block.enclose(names, own -> {}, this::names);
    }
  }
}
