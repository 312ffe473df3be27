package dev.squint.eval.metric;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Extracts the final answer to MMMU's open questions, as texts and rounded numbers. */
final class MmmuOpenAnswer {

  private static final List<String> SIGNS =
      List.of("could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ");
  private static final Set<String> MARKS = Set.of(":", ",", ".", "!", "?", ";", "'");
  private static final List<Pattern> NUMBERS =
      List.of(
          Pattern.compile("-?\\b\\d{1,3}(?:,\\d{3})+\\b"),
          Pattern.compile("-?\\d+(?:\\.\\d+)?[eE][+-]?\\d+"),
          Pattern.compile("-?(?:\\d+\\.\\d+|\\.\\d+|\\d+\\b)(?![eE][+-]?\\d+)(?![,\\d])"));
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  private MmmuOpenAnswer() {}

  static boolean matches(String answer, List<String> right) {
    Set<Object> wanted = new HashSet<>();
    right.forEach(text -> wanted.addAll(normalised(text)));
    for (Object said : read(answer)) {
      boolean match =
          said instanceof String text
              ? wanted.stream().anyMatch(w -> w instanceof String part && text.contains(part))
              : wanted.contains(said);
      if (match) {
        return true;
      }
    }
    return false;
  }

  private static Set<Object> read(String answer) {
    List<String> parts =
        keyParts(answer.strip().replaceAll("^\\.+|\\.+$", "").toLowerCase(Locale.ROOT));
    List<String> all = new ArrayList<>(parts);
    for (String part : parts) {
      for (Pattern number : NUMBERS) {
        number.matcher(part).results().forEach(found -> all.add(found.group()));
      }
    }
    Set<Object> values = new HashSet<>();
    all.forEach(text -> values.addAll(normalised(text)));
    return values;
  }

  /** Returns the shortest text of each line that follows "is", "so", "answer" and similar words. */
  private static List<String> keyParts(String answer) {
    List<String> parts = new ArrayList<>();
    String[] lines = answer.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String shortest = "";
      List<String> signs = new ArrayList<>(SIGNS);
      if (i == lines.length - 1) {
        signs.add("=");
      }
      for (String sign : signs) {
        int at = lines[i].lastIndexOf(sign);
        String rest = at < 0 ? "" : lines[i].substring(at + sign.length()).strip();
        if (at >= 0 && (shortest.isEmpty() || rest.length() < shortest.length())) {
          shortest = rest;
        }
      }
      if (!shortest.isEmpty() && !MARKS.contains(shortest)) {
        parts.add(shortest);
      }
    }
    return parts.isEmpty() ? List.of(answer) : parts;
  }

  /**
   * Returns a number rounded to two decimals, or the text; a single letter only as a separate word.
   */
  private static List<Object> normalised(String text) {
    String stripped = text.strip();
    String digits = stripped.replace(",", "");
    if (NUMBER.matcher(digits).matches()) {
      return List.of(Math.rint(Double.parseDouble(digits) * 100) / 100);
    }
    String lower = stripped.toLowerCase(Locale.ROOT);
    return lower.length() == 1 ? List.of(" " + lower, lower + " ") : List.of(lower);
  }
}
