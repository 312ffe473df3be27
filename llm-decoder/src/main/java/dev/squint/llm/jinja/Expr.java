package dev.squint.llm.jinja;

import java.util.List;

/** An expression, which evaluates itself. */
interface Expr {

  Object evaluate(Rendering run, TemplateScope scope);

  /** The expressions inside, in the order of the text. */
  List<Expr> parts();

  /** Reports which names it reads. */
  default void names(NameUse use) {
    parts().forEach(part -> part.names(use));
  }

  /** A value written in the template. */
  record Constant(Object value) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      return value;
    }

    @Override
    public List<Expr> parts() {
      return List.of();
    }
  }

  /** A variable. */
  record Name(String name) implements Expr, Target {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      return scope.get(name);
    }

    @Override
    public List<Expr> parts() {
      return List.of();
    }

    @Override
    public void names(NameUse use) {
      use.reads(name);
    }

    @Override
    public void assign(TemplateScope scope, Object value) {
      scope.set(name, value);
    }

    @Override
    public void declare(NameUse use) {
      use.writes(name);
    }
  }

  /** {@code a, b}. */
  record TupleOf(List<Expr> parts) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      return new Tuple(all(parts, run, scope));
    }
  }

  /** {@code [a, b]}. */
  record ListOf(List<Expr> parts) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      return all(parts, run, scope);
    }
  }

  /** Keys and values in turn. */
  record DictOf(List<Expr> parts) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      Dict dict = new Dict();
      for (int i = 0; i < parts.size(); i += 2) {
        dict.put(parts.get(i).evaluate(run, scope), parts.get(i + 1).evaluate(run, scope));
      }
      return dict;
    }
  }

  /** {@code of.name}. */
  record Attribute(Expr of, String name) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      run.limit().step();
      return Members.attribute(of.evaluate(run, scope), name);
    }

    @Override
    public List<Expr> parts() {
      return List.of(of);
    }
  }

  /** {@code of[index]}. */
  record Item(Expr of, Expr index) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      run.limit().step();
      Object value = of.evaluate(run, scope);
      return index instanceof SliceOf slice
          ? Members.slice(value, slice.evaluate(run, scope))
          : Members.item(value, index.evaluate(run, scope));
    }

    @Override
    public List<Expr> parts() {
      return List.of(of, index);
    }
  }

  /** {@code from:to:by} in brackets; parts that are left out are constants of {@code None}. */
  record SliceOf(Expr from, Expr to, Expr by) implements Expr {
    @Override
    public Slice evaluate(Rendering run, TemplateScope scope) {
      return new Slice(from.evaluate(run, scope), to.evaluate(run, scope), by.evaluate(run, scope));
    }

    @Override
    public List<Expr> parts() {
      return List.of(from, to, by);
    }
  }

  /** {@code function(arguments)}. */
  record Call(Expr function, ArgumentList arguments) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      Object called = function.evaluate(run, scope);
      return call(run, called, arguments.evaluate(run, scope));
    }

    static Object call(Rendering run, Object called, Arguments arguments) {
      run.limit().step();
      if (called instanceof Function code) {
        return code.call(run, arguments);
      }
      if (called instanceof Undefined undefined) {
        throw undefined.used();
      }
      throw Failure.of("'%s' object is not callable", Values.typeName(called));
    }

    @Override
    public List<Expr> parts() {
      return arguments.after(function);
    }
  }

  /** {@code value | filter(arguments)}. */
  record Filtered(Expr value, String filter, ArgumentList arguments) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      run.limit().step();
      Object of = value.evaluate(run, scope);
      return Filters.apply(run, filter, of, arguments.evaluate(run, scope));
    }

    @Override
    public List<Expr> parts() {
      return arguments.after(value);
    }
  }

  /** {@code value is test(arguments)}. */
  record Tested(Expr value, String test, ArgumentList arguments) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      run.limit().step();
      Object of = value.evaluate(run, scope);
      return Tests.holds(test, of, arguments.evaluate(run, scope));
    }

    @Override
    public List<Expr> parts() {
      return arguments.after(value);
    }
  }

  /** {@code then if test else otherwise}. */
  record Choice(Expr test, Expr then, Expr otherwise) implements Expr {
    @Override
    public Object evaluate(Rendering run, TemplateScope scope) {
      return (Values.isTrue(test.evaluate(run, scope)) ? then : otherwise).evaluate(run, scope);
    }

    // The order in which Jinja2 looks for names.
    @Override
    public List<Expr> parts() {
      return List.of(test, then, otherwise);
    }
  }

  private static List<Object> all(List<Expr> parts, Rendering run, TemplateScope scope) {
    return parts.stream().map(part -> part.evaluate(run, scope)).toList();
  }
}
