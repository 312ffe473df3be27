package dev.squint.llm.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Statements with a block of their own names. */
final class Blocks {

  private Blocks() {}

  /** {@code {% set target | filter %} ... {% endset %}}. */
  record SetBlock(Target target, Block.Filtered body) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      return body.render(run, scope, value -> target.assign(scope, value));
    }

    @Override
    public void declare(Names names) {
      target.declare(names);
    }

    @Override
    public void enclose(Names names) {
      body.enclose(names);
    }

    @Override
    public void mentions(NameUse use) {
      target.declare(use);
      body.names(use);
      body.block().mentions(use);
    }
  }

  /** {@code {% filter name %} ... {% endfilter %}}. */
  record FilterBlock(Block.Filtered body) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      return body.render(run, scope, value -> out.append(Printing.str(value)));
    }

    @Override
    public void declare(Names names) {
      body.names(names);
    }

    @Override
    public void enclose(Names names) {
      body.enclose(names);
    }

    @Override
    public void mentions(NameUse use) {
      body.block().mentions(use);
      body.names(use);
    }
  }

  /** {@code {% with a = 1 %} ... {% endwith %}}. */
  record With(List<Target> targets, List<Expr> values, Block body) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      TemplateScope inside = body.enter(scope, run);
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(inside, values.get(i).evaluate(run, scope));
      }
      return body.render(run, inside, out);
    }

    @Override
    public void declare(Names names) {
      values.forEach(value -> value.names(names));
    }

    @Override
    public void enclose(Names names) {
      body.enclose(
          names, own -> targets.forEach(target -> Block.parameters(target, own)), own -> {});
    }

    @Override
    public void mentions(NameUse use) {
      targets.forEach(target -> target.declare(use));
      values.forEach(value -> value.names(use));
      body.mentions(use);
    }
  }

  /** {@code {% generation %} ... {% endgeneration %}}: its body, in a block of its own. */
  record Generation(Block body) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      return body.render(run, body.enter(scope, run), out);
    }

    @Override
    public void declare(Names names) {}

    @Override
    public void enclose(Names names) {
      body.enclose(names);
    }

    @Override
    public void mentions(NameUse use) {
      body.mentions(use);
    }
  }

  /** {@code {% macro name(parameters) %} ... {% endmacro %}}. */
  record Macro(String name, Signature signature) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      scope.set(name, signature.in(scope, name));
      return Flow.NEXT;
    }

    @Override
    public void declare(Names names) {
      names.writes(name);
    }

    @Override
    public void enclose(Names names) {
      signature.enclose(names);
    }

    @Override
    public void mentions(NameUse use) {
      signature.mentions(use);
    }
  }

  /** {@code {% call(parameters) function(arguments) %} ... {% endcall %}}. */
  record CallBlock(Expr.Call call, Signature signature) implements Statement {
    @Override
    public Flow render(Rendering run, TemplateScope scope, StringBuilder out) {
      Object called = call.function().evaluate(run, scope);
      Arguments given = call.arguments().evaluate(run, scope);
      Map<String, Object> named = new LinkedHashMap<>(given.named());
      if (named.put("caller", signature.in(scope, null)) != null) {
        throw Failure.of("got multiple values for keyword argument 'caller'");
      }
      String text =
          Printing.str(Expr.Call.call(run, called, new Arguments(given.positional(), named)));
      run.limit().make(text.length());
      out.append(text);
      return Flow.NEXT;
    }

    @Override
    public void declare(Names names) {
      call.names(names);
    }

    @Override
    public void enclose(Names names) {
      signature.enclose(names);
    }

    @Override
    public void mentions(NameUse use) {
      call.names(use);
      signature.mentions(use);
    }
  }
}
