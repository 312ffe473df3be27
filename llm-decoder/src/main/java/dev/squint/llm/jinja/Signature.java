package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parameters and body of a macro or of a {@code call} block. */
final class Signature {

  private final List<String> parameters;
  private final List<Expr> defaults;
  private final Block body;
  private final Set<String> special = new HashSet<>();

  Signature(List<String> parameters, List<Expr> defaults, Block body) {
    this.parameters = parameters;
    this.defaults = defaults;
    this.body = body;
  }

  void enclose(Names names) {
    body.enclose(
        names,
        own -> {
          parameters.forEach(own::parameter);
          defaults.forEach(value -> value.names(own));
        },
        own -> {
          special.addAll(unwritten());
          special.removeAll(parameters);
          special.forEach(own::parameter);
        });
  }

  // Which of the special names the body reads before it writes them.
  private Set<String> unwritten() {
    Set<String> wanted = new HashSet<>(List.of("caller", "kwargs", "varargs"));
    Set<String> read = new HashSet<>();
    NameUse use =
        new NameUse() {
          @Override
          public void reads(String name) {
            if (wanted.contains(name)) {
              read.add(name);
            }
          }

          @Override
          public void writes(String name) {
            wanted.remove(name);
          }
        };
    body.mentions(use);
    return read;
  }

  void mentions(NameUse use) {
    defaults.forEach(value -> value.names(use));
    body.mentions(use);
  }

  /** The macro, with the names outside as they are while it runs. */
  Function in(TemplateScope scope, @Nullable String name) {
    return (run, given) -> {
      run.limit().enter();
      TemplateScope inside = body.enter(scope, run);
      bind(name == null ? "caller" : name, inside, given, run);
      StringBuilder out = new StringBuilder();
      body.render(run, inside, out);
      run.limit().leave();
      return out.toString();
    };
  }

  private void bind(String macro, TemplateScope inside, Arguments given, Rendering run) {
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
