package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a template, which renders itself.
 *
 * <p>Before the first run each is asked once what it does to the names of the block that it stands
 * in ({@link #declare}), and once to decide the names of the blocks inside it ({@link #enclose}).
 */
interface Statement {

  /** What follows a part: the next part, the end of the enclosing loop, or its next iteration. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow render(Rendering run, TemplateScope scope, StringBuilder out);

  /** Reports the names that it uses in the block that it stands in. */
  default void declare(Names names) {
    mentions(names);
  }

  default void enclose(Names names) {}

  /** Reports every name inside, blocks within blocks too. */
  void mentions(NameUse use);

  /** Renders parts one after the other. */
  static Flow all(List<Statement> body, Rendering run, TemplateScope scope, StringBuilder out) {
    for (Statement part : body) {
      run.limit().step();
      Flow flow = part.render(run, scope, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  /** Text of the template. */
  record Text(String text) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      run.limit().make(text.length());
      out.append(text);
      return Flow.NEXT;
    }

    @Override
    public void mentions(NameUse use) {}
  }

  /** {@code {{ value }}}. */
  record Print(Expr value) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      String text = Printing.str(value.evaluate(run, scope));
      run.limit().make(text.length());
      out.append(text);
      return Flow.NEXT;
    }

    @Override
    public void mentions(NameUse use) {
      value.names(use);
    }
  }

  /** {@code {% break %}} or {@code {% continue %}}. */
  record Leave(Flow how) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      return how;
    }

    @Override
    public void mentions(NameUse use) {}
  }

  /** {@code {% if %}}, with {@code elif} as conditions one after the other. */
  record If(Expr test, List<Statement> body, List<If> others, List<Statement> otherwise)
      implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      if (Values.isTrue(test.evaluate(run, scope))) {
        return all(body, run, scope, out);
      }
      for (If other : others) {
        if (Values.isTrue(other.test.evaluate(run, scope))) {
          return all(other.body, run, scope, out);
        }
      }
      return all(otherwise, run, scope, out);
    }

    @Override
    public void declare(Names names) {
      test.names(names);
      List<Names> branches = new ArrayList<>();
      for (List<? extends Statement> branch : List.of(body, others, otherwise)) {
        Names own = names.branch();
        branch.forEach(part -> part.declare(own));
        branches.add(own);
      }
      names.join(branches);
    }

    @Override
    public void enclose(Names names) {
      body.forEach(part -> part.enclose(names));
      others.forEach(part -> part.enclose(names));
      otherwise.forEach(part -> part.enclose(names));
    }

    @Override
    public void mentions(NameUse use) {
      test.names(use);
      body.forEach(part -> part.mentions(use));
      others.forEach(part -> part.mentions(use));
      otherwise.forEach(part -> part.mentions(use));
    }
  }

  /** {@code {% set target = value %}}. */
  record Set(Target target, Expr value) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      target.assign(scope, value.evaluate(run, scope));
      return Flow.NEXT;
    }

    @Override
    public void declare(Names names) {
      value.names(names);
      target.declare(names);
    }

    @Override
    public void mentions(NameUse use) {
      target.declare(use);
      value.names(use);
    }
  }

  /** {@code {% for target in items if test recursive %} ... {% else %} ... {% endfor %}}. */
  final class For implements Statement {

    private final Target target;
    private final Expr items;
    private final @Nullable Expr test;
    private final boolean recursive;
    private final Block body;
    private final Block otherwise;
    private Names testNames = Names.root();

    For(
        Target target,
        Expr items,
        @Nullable Expr test,
        boolean recursive,
        Block body,
        Block otherwise) {
      this.target = target;
      this.items = items;
      this.test = test;
      this.recursive = recursive;
      this.body = body;
      this.otherwise = otherwise;
    }

    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      return render(items.evaluate(run, scope), 0, run, scope, out);
    }

    private Flow render(
        Object over, int depth, Rendering run, TemplateScope scope, StringBuilder out) {
      run.limit().enter();
      Object chosen = test == null ? over : new Generator(chosen(test, over, run, scope));
      Loop.Again again =
          (more, deeper) -> {
            StringBuilder inner = new StringBuilder();
            render(more, deeper, run, scope, inner);
            return inner.toString();
          };
      Loop loop = new Loop(chosen, recursive ? again : null, depth);
      boolean completed = false;
      Flow flow = Flow.NEXT;
      while (flow != Flow.BREAK && loop.hasNext()) {
        run.limit().step();
        Object item = loop.next();
        TemplateScope iteration = body.enter(scope, run);
        iteration.set("loop", loop);
        target.assign(iteration, item);
        flow = body.render(run, iteration, out);
        completed |= flow == Flow.NEXT;
      }
      run.limit().leave();
      // As in Jinja2's code, an iteration that was left early does not count.
      return completed || otherwise.isEmpty()
          ? Flow.NEXT
          : otherwise.render(run, otherwise.enter(scope, run), out);
    }

    private Iterator<Object> chosen(Expr test, Object over, Rendering run, TemplateScope scope) {
      Iterator<Object> all = Values.iterate(over);
      return new ItemFilter(
          all,
          item -> {
            run.limit().step();
            TemplateScope one = scope.inner(testNames, run);
            target.assign(one, item);
            return Values.isTrue(test.evaluate(run, one));
          });
    }

    @Override
    public void declare(Names names) {
      items.names(names);
    }

    @Override
    public void enclose(Names names) {
      body.enclose(
          names,
          own -> {
            own.parameter("loop");
            Block.parameters(target, own);
          },
          own -> {});
      otherwise.enclose(names);
      if (test != null) {
        testNames = names.inner();
        Block.parameters(target, testNames);
        test.names(testNames);
      }
    }

    @Override
    public void mentions(NameUse use) {
      target.declare(use);
      items.names(use);
      body.mentions(use);
      otherwise.mentions(use);
      if (test != null) {
        test.names(use);
      }
    }
  }
}
