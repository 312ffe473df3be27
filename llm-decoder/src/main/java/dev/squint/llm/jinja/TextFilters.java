package dev.squint.llm.jinja;

import dev.squint.llm.jinja.Filters.Filter;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Filters that make text. */
final class TextFilters {

  private static final Pattern WORD_START =
      Pattern.compile("[-\\s({\\[<]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  static final Map<String, Filter> ALL =
      Map.ofEntries(
          Map.entry(
              "upper", plain("upper", (run, value, given) -> StringMethods.upper(soft(value)))),
          Map.entry(
              "lower", plain("lower", (run, value, given) -> StringMethods.lower(soft(value)))),
          Map.entry(
              "capitalize",
              plain("capitalize", (run, value, given) -> StringMethods.capitalize(soft(value)))),
          Map.entry("title", plain("title", (run, value, given) -> title(soft(value)))),
          Map.entry("trim", TextFilters::trim),
          Map.entry("replace", TextFilters::replace),
          Map.entry("string", plain("string", (run, value, given) -> string(value))),
          Map.entry("tojson", (run, value, given) -> Json.of(value, given)),
          Map.entry("indent", TextFilters::indent),
          Map.entry("truncate", TextFilters::truncate),
          Map.entry("center", TextFilters::center),
          Map.entry("wordcount", plain("wordcount", (run, value, given) -> words(soft(value)))),
          Map.entry("format", TextFilters::format),
          Map.entry("safe", plain("safe", (run, value, given) -> safe(value))),
          Map.entry("escape", plain("escape", (run, value, given) -> escape(value))),
          Map.entry("e", plain("e", (run, value, given) -> escape(value))),
          Map.entry(
              "forceescape",
              plain("forceescape", (run, value, given) -> Markup.escaped(Printing.str(value)))));

  private TextFilters() {}

  /** A filter without arguments. */
  static Filter plain(String name, Filter filter) {
    return (run, value, given) -> {
      given.only(name, 0, 0);
      return filter.apply(run, value, given);
    };
  }

  // What these filters take: any value as text. Values marked as safe would stay so in Jinja2.
  private static String soft(Object value) {
    if (value instanceof Markup) {
      throw Failure.unsupported("a filter of text after one that marks it as safe");
    }
    return Printing.str(value);
  }

  private static Object string(Object value) {
    return value instanceof Markup ? value : Printing.str(value);
  }

  private static Object safe(Object value) {
    return new Markup(Printing.str(value));
  }

  private static Object escape(Object value) {
    return value instanceof Markup ? value : Markup.escaped(Printing.str(value));
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    Matcher gap = WORD_START.matcher(text);
    int at = 0;
    while (gap.find()) {
      word(text.substring(at, gap.start()), out);
      out.append(gap.group());
      at = gap.end();
    }
    word(text.substring(at), out);
    return out.toString();
  }

  private static void word(String word, StringBuilder out) {
    if (!word.isEmpty()) {
      int first = word.offsetByCodePoints(0, 1);
      out.append(StringMethods.upper(word.substring(0, first)));
      out.append(StringMethods.lower(word.substring(first)));
    }
  }

  private static Object words(String text) {
    long count = 0;
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      count++;
    }
    return count;
  }

  private static Object trim(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("trim", "chars");
    return StringMethods.strip(soft(value), given.isSet(0) ? given.text(0, "") : null, true, true);
  }

  private static Object replace(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("replace", "old", "new", "count");
    return StringMethods.replace(
        run,
        Printing.str(value),
        Printing.str(given.required(0)),
        Printing.str(given.required(1)),
        given.isSet(2) ? given.integer(2, -1) : -1);
  }

  private static Object indent(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("indent", "width", "first", "blank");
    Object width = given.or(0, 4L);
    String space =
        Values.isText(width)
            ? Values.text(width, "indent")
            : " ".repeat(Math.max(0, Values.smallInteger(width, "indent")));
    if (value instanceof Markup) {
      throw Failure.unsupported("indent of a value that is marked as safe");
    }
    String text = Values.text(value, "indent");
    List<String> lines =
        Splitting.lines(text + "\n", false).stream()
            .map(Printing::str)
            .collect(Collectors.toList());
    run.limit().make((long) space.length() * lines.size() + text.length());
    boolean blank = given.isTrue(2);
    StringBuilder out = new StringBuilder(given.isTrue(1) ? space : "").append(lines.get(0));
    for (String line : lines.subList(1, lines.size())) {
      out.append('\n').append(line.isEmpty() && !blank ? "" : space).append(line);
    }
    return out.toString();
  }

  private static Object truncate(Rendering run, Object value, Arguments arguments) {
    Arguments.Bound given = arguments.bind("truncate", "length", "killwords", "end", "leeway");
    if (!(value instanceof String text)) {
      throw Failure.unsupported("truncate of a " + Values.typeName(value));
    }
    int length = given.integer(0, 255);
    String end = given.text(2, "...");
    int leeway = given.isSet(3) ? given.integer(3, 5) : 5;
    int room = length - Values.length(end);
    if (room < 0 || leeway < 0) {
      throw Failure.of("expected length >= %d and leeway >= 0", Values.length(end));
    }
    if (Values.length(text) <= length + leeway) {
      return text;
    }
    String cut = text.substring(0, text.offsetByCodePoints(0, room));
    int space = cut.lastIndexOf(' ');
    return (given.isTrue(1) || space < 0 ? cut : cut.substring(0, space)) + end;
  }

  private static Object center(Rendering run, Object value, Arguments arguments) {
    Object width = arguments.bind("center", "width").or(0, 80L);
    return Members.attribute(soft(value), "center") instanceof Function method
        ? method.call(run, new Arguments(List.of(width), Map.of()))
        : value;
  }

  private static Object format(Rendering run, Object value, Arguments arguments) {
    if (arguments.size() > 0 && !arguments.named().isEmpty()) {
      throw Failure.of("can't handle positional and keyword arguments at the same time");
    }
    Object given = new Tuple(arguments.positional());
    if (!arguments.named().isEmpty()) {
      Dict byName = new Dict();
      arguments.named().forEach(byName::put);
      given = byName;
    }
    return PercentFormat.of(run, soft(value), given);
  }
}
