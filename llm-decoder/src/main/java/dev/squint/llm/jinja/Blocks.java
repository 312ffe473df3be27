package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Statements with a block of their own names. */
final class Blocks {

  private Blocks() {}

  /** Decides the names of a block, then those of the blocks inside it. */
  static void decide(List<Statement> body, Names names) {
    body.forEach(part -> part.declare(names));
    body.forEach(part -> part.enclose(names));
  }

  private static String render(List<Statement> body, Run run, Scope scope, StatementEnd end) {
    StringBuilder out = new StringBuilder();
    end.flow = Statement.all(body, run, scope, out);
    return out.toString();
  }

  private static final class StatementEnd {
    private Statement.Flow flow = Statement.Flow.NEXT;
  }

  private static Object filtered(List<Expr.Filtered> filters, String text, Run run, Scope scope) {
    Object value = text;
    for (Expr.Filtered filter : filters) {
      run.budget().step();
      value = Filters.apply(run, filter.filter(), value, filter.arguments().evaluate(run, scope));
    }
    return value;
  }

  private static void filterNames(List<Expr.Filtered> filters, NameUse use) {
    filters.forEach(filter -> filter.parts().forEach(part -> part.names(use)));
  }

  /** {@code {% set target | filter %} ... {% endset %}}. */
  static final class SetBlock implements Statement {

    private final Target target;
    private final List<Expr.Filtered> filters;
    private final List<Statement> body;
    private Names own = Names.root();

    SetBlock(Target target, List<Expr.Filtered> filters, List<Statement> body) {
      this.target = target;
      this.filters = filters;
      this.body = body;
    }

    @Override
    public Flow render(Run run, Scope scope, StringBuilder out) {
      Scope inside = scope.inner(own, run);
      StatementEnd end = new StatementEnd();
      String text = Blocks.render(body, run, inside, end);
      if (end.flow == Flow.NEXT) {
        target.assign(scope, filtered(filters, text, run, inside));
      }
      return end.flow;
    }

    @Override
    public void declare(Names names) {
      target.declare(names);
    }

    @Override
    public void enclose(Names names) {
      own = names.inner();
      body.forEach(part -> part.declare(own));
      // Jinja2 cannot compile a filter here that reads a name of no other place; this reads it.
      filterNames(filters, own);
      body.forEach(part -> part.enclose(own));
    }

    @Override
    public void mentions(NameUse use) {
      target.declare(use);
      filterNames(filters, use);
      body.forEach(part -> part.mentions(use));
    }
  }

  /** {@code {% filter name %} ... {% endfilter %}}. */
  static final class FilterBlock implements Statement {

    private final List<Expr.Filtered> filters;
    private final List<Statement> body;
    private Names own = Names.root();

    FilterBlock(List<Expr.Filtered> filters, List<Statement> body) {
      this.filters = filters;
      this.body = body;
    }

    @Override
    public Flow render(Run run, Scope scope, StringBuilder out) {
      Scope inside = scope.inner(own, run);
      StatementEnd end = new StatementEnd();
      String text = Blocks.render(body, run, inside, end);
      if (end.flow == Flow.NEXT) {
        out.append(Printing.str(filtered(filters, text, run, inside)));
      }
      return end.flow;
    }

    @Override
    public void declare(Names names) {
      filterNames(filters, names);
    }

    @Override
    public void enclose(Names names) {
      own = names.inner();
      body.forEach(part -> part.declare(own));
      filterNames(filters, own);
      body.forEach(part -> part.enclose(own));
    }

    @Override
    public void mentions(NameUse use) {
      body.forEach(part -> part.mentions(use));
      filterNames(filters, use);
    }
  }

  /** {@code {% with a = 1 %} ... {% endwith %}}. */
  static final class With implements Statement {

    private final List<Target> targets;
    private final List<Expr> values;
    private final List<Statement> body;
    private Names own = Names.root();

    With(List<Target> targets, List<Expr> values, List<Statement> body) {
      this.targets = targets;
      this.values = values;
      this.body = body;
    }

    @Override
    public Flow render(Run run, Scope scope, StringBuilder out) {
      Scope inside = scope.inner(own, run);
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(inside, values.get(i).evaluate(run, scope));
      }
      return Statement.all(body, run, inside, out);
    }

    @Override
    public void declare(Names names) {
      values.forEach(value -> value.names(names));
    }

    @Override
    public void enclose(Names names) {
      own = names.inner();
      targets.forEach(target -> target.declare(new ParameterUse(own)));
      decide(body, own);
    }

    @Override
    public void mentions(NameUse use) {
      targets.forEach(target -> target.declare(use));
      values.forEach(value -> value.names(use));
      body.forEach(part -> part.mentions(use));
    }
  }

  /** Counts what is written as given from outside. */
  record ParameterUse(Names names) implements NameUse {
    @Override
    public void reads(String name) {
      names.reads(name);
    }

    @Override
    public void writes(String name) {
      names.parameter(name);
    }
  }

  /** {@code {% generation %} ... {% endgeneration %}}: its body, in a block of its own. */
  static final class Generation implements Statement {

    private final List<Statement> body;
    private Names own = Names.root();

    Generation(List<Statement> body) {
      this.body = body;
    }

    @Override
    public Flow render(Run run, Scope scope, StringBuilder out) {
      return Statement.all(body, run, scope.inner(own, run), out);
    }

    @Override
    public void declare(Names names) {}

    @Override
    public void enclose(Names names) {
      own = names.inner();
      decide(body, own);
    }

    @Override
    public void mentions(NameUse use) {
      body.forEach(part -> part.mentions(use));
    }
  }

  /** The parameters and body of a macro or of a {@code call} block. */
  static final class Signature {

    private final List<String> parameters;
    private final List<Expr> defaults;
    private final List<Statement> body;
    private final Set<String> special = new HashSet<>();
    private Names own = Names.root();

    Signature(List<String> parameters, List<Expr> defaults, List<Statement> body) {
      this.parameters = parameters;
      this.defaults = defaults;
      this.body = body;
    }

    void enclose(Names names) {
      own = names.inner();
      parameters.forEach(own::parameter);
      defaults.forEach(value -> value.names(own));
      body.forEach(part -> part.declare(own));
      special.addAll(unwritten());
      special.removeAll(parameters);
      special.forEach(own::parameter);
      body.forEach(part -> part.enclose(own));
    }

    // Which of the special names the body reads before it writes them.
    private Set<String> unwritten() {
      Set<String> looked = new HashSet<>(List.of("caller", "kwargs", "varargs"));
      Set<String> read = new HashSet<>();
      NameUse use =
          new NameUse() {
            @Override
            public void reads(String name) {
              if (looked.contains(name)) {
                read.add(name);
              }
            }

            @Override
            public void writes(String name) {
              looked.remove(name);
            }
          };
      body.forEach(part -> part.mentions(use));
      return read;
    }

    void mentions(NameUse use) {
      defaults.forEach(value -> value.names(use));
      body.forEach(part -> part.mentions(use));
    }

    /** The macro, with the names outside as they are while it runs. */
    Function in(Scope scope, @Nullable String name) {
      return (run, given) -> {
        run.budget().enter();
        Scope inside = scope.inner(own, run);
        bind(name == null ? "caller" : name, inside, given, run);
        StringBuilder out = new StringBuilder();
        Statement.all(body, run, inside, out);
        run.budget().leave();
        return out.toString();
      };
    }

    private void bind(String macro, Scope inside, Arguments given, Run run) {
      Map<String, Object> named = new LinkedHashMap<>(given.named());
      int places = Math.min(parameters.size(), given.size());
      for (int i = 0; i < parameters.size(); i++) {
        Object value = i < places ? given.at(i) : named.remove(parameters.get(i));
        if (value != null) {
          inside.set(parameters.get(i), value);
        }
      }
      if (special.contains("caller")) {
        Object caller = named.remove("caller");
        boolean none = caller == null || caller == None.NONE;
        inside.set("caller", none ? new Undefined("No caller defined") : caller);
      }
      if (special.contains("kwargs")) {
        Dict rest = new Dict();
        named.forEach(rest::put);
        inside.set("kwargs", rest);
      } else if (!named.isEmpty()) {
        throw Failure.of(
            "macro '%s' takes no keyword argument '%s'", macro, named.keySet().iterator().next());
      }
      if (special.contains("varargs")) {
        List<Object> rest = new ArrayList<>(given.positional().subList(places, given.size()));
        inside.set("varargs", new Tuple(rest));
      } else if (given.size() > parameters.size()) {
        throw Failure.of("macro '%s' takes not more than %d argument(s)", macro, parameters.size());
      }
      for (int i = 0; i < parameters.size(); i++) {
        String parameter = parameters.get(i);
        if (inside.lacks(parameter)) {
          int from = i - (parameters.size() - defaults.size());
          inside.set(
              parameter,
              from < 0
                  ? new Undefined("parameter '%s' was not provided".formatted(parameter))
                  : defaults.get(from).evaluate(run, inside));
        }
      }
    }
  }

  /** {@code {% macro name(parameters) %} ... {% endmacro %}}. */
  record Macro(String name, Signature signature) implements Statement {
    @Override
    public Flow render(Run run, Scope scope, StringBuilder out) {
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
    public Flow render(Run run, Scope scope, StringBuilder out) {
      Object called = call.function().evaluate(run, scope);
      Arguments given = call.arguments().evaluate(run, scope);
      Map<String, Object> named = new LinkedHashMap<>(given.named());
      if (named.put("caller", signature.in(scope, null)) != null) {
        throw Failure.of("got multiple values for keyword argument 'caller'");
      }
      String text =
          Printing.str(Expr.Call.call(run, called, new Arguments(given.positional(), named)));
      run.budget().make(text.length());
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
