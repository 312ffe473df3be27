package dev.squint.llm.jinja;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The functions that every template can call. */
final class Globals {

  private static final Map<String, Function> FUNCTIONS =
      Map.of(
          "range", (run, given) -> Range.of(given),
          "dict", (run, given) -> dict(given),
          "namespace", (run, given) -> new Namespace(dict(given)),
          "cycler", (run, given) -> new Cycler(given),
          "joiner", (run, given) -> new Joiner(given),
          "raise_exception", Globals::raise,
          "strftime_now", Globals::now);
  private static final Set<String> REFUSED = Set.of("lipsum", "self", "super");

  private Globals() {}

  /** What a name is that no block has. */
  static Object resolve(Rendering run, String name, Object missing) {
    Object variable = run.variables().get(name);
    if (variable == null) {
      variable = FUNCTIONS.get(name);
    }
    if (variable == null && REFUSED.contains(name)) {
      throw Failure.unsupported("the name '%s'".formatted(name));
    }
    return variable == null ? missing : variable;
  }

  private static Dict dict(Arguments given) {
    Dict dict = new Dict();
    if (given.size() > 1) {
      throw Failure.of("dict expected at most 1 argument, got %d", given.size());
    }
    if (given.size() == 1 && given.at(0) instanceof Dict other) {
      dict.putAll(other);
    } else if (given.size() == 1) {
      for (Object item : Values.list(given.at(0))) {
        List<Object> pair = Values.list(item);
        if (pair.size() != 2) {
          throw Failure.of("an entry of a dict has %d parts; 2 is required", pair.size());
        }
        dict.put(pair.get(0), pair.get(1));
      }
    }
    given.named().forEach(dict::put);
    return dict;
  }

  private static Object raise(Rendering run, Arguments given) {
    throw new IllegalArgumentException(
        Printing.str(given.bind("raise_exception", "message").required(0)));
  }

  private static Object now(Rendering run, Arguments given) {
    String format = given.bind("strftime_now", "format").text(0, "");
    return Strftime.format(LocalDateTime.now(run.clock()), format);
  }

  /** Gives its items in turn, without end. */
  static final class Cycler {

    private final List<Object> items;
    private int at;

    Cycler(Arguments given) {
      this.items = given.positional();
      if (items.isEmpty() || !given.named().isEmpty()) {
        throw Failure.of("cycler takes at least one item");
      }
    }

    @Nullable Object member(String name) {
      return switch (name) {
        case "current" -> items.get(at);
        case "next" ->
            (Function)
                (run, given) -> {
                  Object item = items.get(at);
                  at = (at + 1) % items.size();
                  return item;
                };
        case "reset" ->
            (Function)
                (run, given) -> {
                  at = 0;
                  return None.NONE;
                };
        case "items", "pos" -> throw Failure.unsupported("the attribute " + name);
        default -> null;
      };
    }
  }

  /** Gives nothing the first time, then its separator. */
  private static final class Joiner implements Function {

    private final Object separator;
    private boolean used;

    Joiner(Arguments given) {
      this.separator = given.bind("joiner", "sep").or(0, ", ");
    }

    @Override
    public Object call(Rendering run, Arguments arguments) {
      Object text = used ? separator : "";
      used = true;
      return text;
    }
  }
}
