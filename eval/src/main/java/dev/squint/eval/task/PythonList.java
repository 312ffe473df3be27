package dev.squint.eval.task;

import java.util.ArrayList;
import java.util.List;

/** Parses lists of texts in Python syntax, {@code ['a', "it's"]}, as in MMMU's options. */
final class PythonList {

  private PythonList() {}

  /**
   * Parses a list.
   *
   * @throws IllegalArgumentException if the text is not such a list
   */
  static List<String> parse(String text) {
    List<String> items = new ArrayList<>();
    String inside = text.strip();
    int i = 1;
    while (i < inside.length() - 1) {
      char c = inside.charAt(i);
      if (c == '\'' || c == '"') {
        StringBuilder item = new StringBuilder();
        for (i++; i < inside.length() && inside.charAt(i) != c; i++) {
          if (inside.charAt(i) == '\\' && i + 1 < inside.length()) {
            i++;
            item.append(inside.charAt(i) == 'n' ? '\n' : inside.charAt(i));
          } else {
            item.append(inside.charAt(i));
          }
        }
        if (i == inside.length()) {
          throw new IllegalArgumentException("the list %s has no closing bracket".formatted(text));
        }
        items.add(item.toString());
      } else if (c != ',' && !Character.isWhitespace(c)) {
        int end = inside.indexOf(',', i);
        int stop = end < 0 ? inside.length() - 1 : end;
        items.add(inside.substring(i, stop).strip());
        i = stop;
      }
      i++;
    }
    return items;
  }
}
