package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str}. */
final class StringMethods {

  /** One method: the string, then its arguments. */
  private interface Method {
    Object call(Rendering run, String self, Arguments given);
  }

  private static final Map<String, Method> METHODS =
      Map.ofEntries(
          Map.entry("upper", plain("upper", StringMethods::upper)),
          Map.entry("lower", plain("lower", StringMethods::lower)),
          Map.entry("capitalize", plain("capitalize", StringMethods::capitalize)),
          Map.entry("title", plain("title", StringMethods::title)),
          Map.entry("strip", (run, self, given) -> strip("strip", self, given, true, true)),
          Map.entry("lstrip", (run, self, given) -> strip("lstrip", self, given, true, false)),
          Map.entry("rstrip", (run, self, given) -> strip("rstrip", self, given, false, true)),
          Map.entry("startswith", (run, self, given) -> Searching.affix(self, given, true)),
          Map.entry("endswith", (run, self, given) -> Searching.affix(self, given, false)),
          Map.entry("find", (run, self, given) -> Searching.find(self, given, false)),
          Map.entry("rfind", (run, self, given) -> Searching.find(self, given, true)),
          Map.entry("index", (run, self, given) -> Searching.index(self, given, false)),
          Map.entry("rindex", (run, self, given) -> Searching.index(self, given, true)),
          Map.entry("count", (run, self, given) -> Searching.count(self, given)),
          Map.entry("replace", StringMethods::replace),
          Map.entry("split", (run, self, given) -> Splitting.split(self, given, false)),
          Map.entry("rsplit", (run, self, given) -> Splitting.split(self, given, true)),
          Map.entry("splitlines", (run, self, given) -> Splitting.lines(self, given)),
          Map.entry("partition", (run, self, given) -> Splitting.partition(self, given, false)),
          Map.entry("rpartition", (run, self, given) -> Splitting.partition(self, given, true)),
          Map.entry("removeprefix", (run, self, given) -> remove(self, given, true)),
          Map.entry("removesuffix", (run, self, given) -> remove(self, given, false)),
          Map.entry("join", StringMethods::join),
          Map.entry("format", BraceFormat::of),
          Map.entry("zfill", StringMethods::zfill),
          Map.entry("ljust", (run, self, given) -> justify(run, self, given, "ljust")),
          Map.entry("rjust", (run, self, given) -> justify(run, self, given, "rjust")),
          Map.entry("center", (run, self, given) -> justify(run, self, given, "center")),
          Map.entry("isspace", all("isspace", Characters::isSpace)),
          Map.entry("isalpha", all("isalpha", Character::isLetter)),
          Map.entry("isdigit", all("isdigit", Character::isDigit)),
          Map.entry("isdecimal", all("isdecimal", Character::isDigit)),
          Map.entry("isalnum", all("isalnum", Character::isLetterOrDigit)),
          Map.entry("isupper", plainTest("isupper", StringMethods::isUpper)),
          Map.entry("islower", plainTest("islower", StringMethods::isLower)));

  /** Methods that Python has and this package does not. */
  private static final Set<String> REFUSED =
      Set.of(
          "casefold",
          "encode",
          "expandtabs",
          "format_map",
          "isascii",
          "isidentifier",
          "isnumeric",
          "isprintable",
          "istitle",
          "maketrans",
          "swapcase",
          "translate");

  private StringMethods() {}

  /** The method of a string; null if Python has none of this name. */
  static @Nullable Object find(Object of, String name) {
    Method method = METHODS.get(name);
    if (method == null && !REFUSED.contains(name)) {
      return null;
    }
    if (method == null || of instanceof Markup) {
      throw Failure.unsupported(
          "the method '%s' of a %s"
              .formatted(name, of instanceof Markup ? "value that is marked as safe" : "str"));
    }
    String self = Values.text(of, name);
    return (Function)
        (run, given) -> {
          run.limit().make(self.length());
          return method.call(run, self, given);
        };
  }

  private static Method plain(String name, java.util.function.UnaryOperator<String> how) {
    return (run, self, given) -> {
      given.only(name, 0, 0);
      return how.apply(self);
    };
  }

  private static Method plainTest(String name, java.util.function.Predicate<String> test) {
    return (run, self, given) -> {
      given.only(name, 0, 0);
      return test.test(self);
    };
  }

  private static Method all(String name, IntPredicate test) {
    return plainTest(name, self -> !self.isEmpty() && self.codePoints().allMatch(test));
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    // Lower case as a whole: the end of a word decides the form of a sigma.
    String rest = lower(text);
    int length = lower(Character.toString(first)).length();
    return Characters.title(first) + rest.substring(length);
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    String low = lower(text);
    boolean inWord = false;
    int at = 0;
    for (int point : text.codePoints().toArray()) {
      String alone = lower(Character.toString(point));
      String inPlace = low.substring(at, at + alone.length());
      at += alone.length();
      out.append(inWord ? inPlace : Characters.title(point));
      inWord = Characters.isCased(point);
    }
    return out.toString();
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Character::isUpperCase)
        && text.codePoints()
            .noneMatch(point -> Character.isLowerCase(point) || Character.isTitleCase(point));
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Character::isLowerCase)
        && text.codePoints()
            .noneMatch(point -> Character.isUpperCase(point) || Character.isTitleCase(point));
  }

  private static String strip(
      String name, String self, Arguments given, boolean left, boolean right) {
    given.only(name, 0, 1);
    boolean spaces = given.size() == 0 || given.at(0) == None.NONE;
    return strip(self, spaces ? null : Values.text(given.at(0), name), left, right);
  }

  /**
   * Without these characters at its ends.
   *
   * @param which the characters; null for white space
   */
  static String strip(String text, @Nullable String which, boolean left, boolean right) {
    IntPredicate gone =
        which == null
            ? Characters::isSpace
            : point -> which.codePoints().anyMatch(one -> one == point);
    int start = 0;
    int end = text.length();
    while (left && start < end && gone.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && gone.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static Object replace(Rendering run, String self, Arguments given) {
    given.only("replace", 2, 3);
    int count = given.size() == 3 ? Values.smallInteger(given.at(2), "replace") : -1;
    return replace(
        run, self, Values.text(given.at(0), "replace"), Values.text(given.at(1), "replace"), count);
  }

  /**
   * Replaces the first occurrences.
   *
   * @param count how many; all if negative
   */
  static String replace(Rendering run, String self, String old, String fresh, int count) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    int left = count < 0 ? Integer.MAX_VALUE : count;
    while (left > 0) {
      int found = self.indexOf(old, at);
      if (found < 0 || (old.isEmpty() && found > self.length())) {
        break;
      }
      out.append(self, at, found).append(fresh);
      run.limit().make(fresh.length() + 1L);
      at = found + old.length();
      left--;
      if (old.isEmpty()) {
        if (at >= self.length()) {
          return out.toString();
        }
        int point = self.codePointAt(at);
        out.appendCodePoint(point);
        at += Character.charCount(point);
      }
    }
    return out.append(self, at, self.length()).toString();
  }

  private static Object remove(String self, Arguments given, boolean front) {
    given.only(front ? "removeprefix" : "removesuffix", 1, 1);
    String affix = Values.text(given.at(0), "removeprefix");
    if (front) {
      return self.startsWith(affix) ? self.substring(affix.length()) : self;
    }
    return self.endsWith(affix) ? self.substring(0, self.length() - affix.length()) : self;
  }

  private static Object join(Rendering run, String self, Arguments given) {
    List<String> parts = new ArrayList<>();
    for (Object part : Values.list(given.only("join", 1, 1).at(0))) {
      parts.add(Values.text(part, "join"));
      run.limit().make(self.length() + parts.get(parts.size() - 1).length());
    }
    return String.join(self, parts);
  }

  private static Object zfill(Rendering run, String self, Arguments given) {
    int width = Values.smallInteger(given.only("zfill", 1, 1).at(0), "zfill");
    run.limit().make(Math.max(0, width));
    int missing = Math.max(0, width - Values.length(self));
    boolean sign = self.startsWith("-") || self.startsWith("+");
    return (sign ? self.substring(0, 1) : "") + "0".repeat(missing) + self.substring(sign ? 1 : 0);
  }

  private static Object justify(Rendering run, String self, Arguments given, String how) {
    given.only(how, 1, 2);
    int width = Values.smallInteger(given.at(0), how);
    String fill = given.size() == 2 ? Values.text(given.at(1), how) : " ";
    if (Values.length(fill) != 1) {
      throw Failure.of("The fill character must be exactly one character long");
    }
    run.limit().make(Math.max(0, width));
    int missing = Math.max(0, width - Values.length(self));
    int left =
        switch (how) {
          case "ljust" -> 0;
          case "rjust" -> missing;
          // Where Python puts the odd one.
          default -> missing / 2 + (missing & width & 1);
        };
    return fill.repeat(left) + self + fill.repeat(missing - left);
  }
}
