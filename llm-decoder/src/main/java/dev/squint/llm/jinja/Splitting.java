package dev.squint.llm.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The methods of {@code str} that cut text. */
final class Splitting {

  private Splitting() {}

  static Object split(String self, Arguments arguments, boolean fromEnd) {
    Arguments.Bound given = arguments.bind(fromEnd ? "rsplit" : "split", "sep", "maxsplit");
    int most = given.integer(1, -1);
    int limit = most < 0 ? Integer.MAX_VALUE : most;
    if (!given.isSet(0)) {
      return atSpaces(self, limit, fromEnd);
    }
    String separator = given.text(0, "");
    if (separator.isEmpty()) {
      throw Failure.of("empty separator");
    }
    return fromEnd ? fromEnd(self, separator, limit) : fromStart(self, separator, limit);
  }

  private static List<Object> fromStart(String self, String separator, int limit) {
    List<Object> parts = new ArrayList<>();
    int at = 0;
    int found;
    while (parts.size() < limit && (found = self.indexOf(separator, at)) >= 0) {
      parts.add(self.substring(at, found));
      at = found + separator.length();
    }
    parts.add(self.substring(at));
    return parts;
  }

  private static List<Object> fromEnd(String self, String separator, int limit) {
    List<Object> parts = new ArrayList<>();
    int end = self.length();
    while (parts.size() < limit) {
      int found =
          end < separator.length() ? -1 : self.lastIndexOf(separator, end - separator.length());
      if (found < 0) {
        break;
      }
      parts.add(self.substring(found + separator.length(), end));
      end = found;
    }
    parts.add(self.substring(0, end));
    Collections.reverse(parts);
    return parts;
  }

  private static List<Object> atSpaces(String self, int limit, boolean fromEnd) {
    List<Object> parts = new ArrayList<>();
    String left = fromEnd ? Characters.rstrip(self) : Characters.lstrip(self);
    while (!left.isEmpty() && parts.size() < limit) {
      int cut = fromEnd ? lastSpace(left) : firstSpace(left);
      if (fromEnd) {
        parts.add(left.substring(cut));
        left = Characters.rstrip(left.substring(0, cut));
      } else {
        parts.add(left.substring(0, cut));
        left = Characters.lstrip(left.substring(cut));
      }
    }
    if (!left.isEmpty()) {
      parts.add(left);
    }
    if (fromEnd) {
      Collections.reverse(parts);
    }
    return parts;
  }

  private static int firstSpace(String text) {
    int at = 0;
    while (at < text.length() && !Characters.isSpace(text.codePointAt(at))) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }

  private static int lastSpace(String text) {
    int at = text.length();
    while (at > 0 && !Characters.isSpace(text.codePointBefore(at))) {
      at -= Character.charCount(text.codePointBefore(at));
    }
    return at;
  }

  static Object lines(String self, Arguments arguments) {
    return lines(self, arguments.bind("splitlines", "keepends").isTrue(0));
  }

  /** The lines of a text, with or without what ends them. */
  static List<Object> lines(String self, boolean withEnds) {
    List<Object> lines = new ArrayList<>();
    int start = 0;
    int at = 0;
    while (at < self.length()) {
      int point = self.codePointAt(at);
      int end = at;
      at += Character.charCount(point);
      if (Characters.endsLine(point)) {
        if (point == '\r' && at < self.length() && self.charAt(at) == '\n') {
          at++;
        }
        lines.add(self.substring(start, withEnds ? at : end));
        start = at;
      }
    }
    if (start < self.length()) {
      lines.add(self.substring(start));
    }
    return lines;
  }

  static Object partition(String self, Arguments given, boolean last) {
    String name = last ? "rpartition" : "partition";
    String separator = Values.text(given.only(name, 1, 1).at(0), name);
    if (separator.isEmpty()) {
      throw Failure.of("empty separator");
    }
    int found = last ? self.lastIndexOf(separator) : self.indexOf(separator);
    if (found < 0) {
      return last ? Tuple.of("", "", self) : Tuple.of(self, "", "");
    }
    return Tuple.of(
        self.substring(0, found), separator, self.substring(found + separator.length()));
  }
}
