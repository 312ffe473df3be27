package dev.squint.llm.jinja;

import java.util.List;

/** The methods of {@code str} that look for text; places are counted in code points. */
final class Searching {

  /** A part of a string, in UTF-16 units. */
  private record Part(String text, int from, int to, boolean possible) {}

  private Searching() {}

  static boolean affix(String self, Arguments given, boolean front) {
    String name = front ? "startswith" : "endswith";
    Part part = part(name, self, given);
    List<Object> affixes =
        given.at(0) instanceof Tuple tuple ? tuple.items() : List.of(given.at(0));
    for (Object affix : affixes) {
      String wanted = Values.text(affix, name);
      String within = self.substring(part.from(), Math.max(part.from(), part.to()));
      if (part.possible() && (front ? within.startsWith(wanted) : within.endsWith(wanted))) {
        return true;
      }
    }
    return false;
  }

  static Object find(String self, Arguments given, boolean last) {
    return place(last ? "rfind" : "find", self, given, last);
  }

  static Object index(String self, Arguments given, boolean last) {
    long found = place(last ? "rindex" : "index", self, given, last);
    if (found < 0) {
      throw Failure.of("substring not found");
    }
    return found;
  }

  private static long place(String name, String self, Arguments given, boolean last) {
    Part part = part(name, self, given);
    String wanted = Values.text(given.at(0), name);
    if (!part.possible()) {
      return -1;
    }
    String within = self.substring(part.from(), part.to());
    int found = last ? within.lastIndexOf(wanted) : within.indexOf(wanted);
    return found < 0 ? -1 : self.codePointCount(0, part.from() + found);
  }

  static Object count(String self, Arguments given) {
    Part part = part("count", self, given);
    String wanted = Values.text(given.at(0), "count");
    if (!part.possible()) {
      return 0L;
    }
    String within = self.substring(part.from(), part.to());
    if (wanted.isEmpty()) {
      return Values.length(within) + 1L;
    }
    long count = 0;
    for (int at = within.indexOf(wanted); at >= 0; at = within.indexOf(wanted, at)) {
      count++;
      at += wanted.length();
    }
    return count;
  }

  private static Part part(String name, String self, Arguments given) {
    given.only(name, 1, 3);
    int length = Values.length(self);
    int from = bound(given, 1, 0, length, name);
    int to = Math.min(bound(given, 2, length, length, name), length);
    boolean possible = from <= to;
    int first = self.offsetByCodePoints(0, Math.min(from, length));
    return new Part(self, first, possible ? self.offsetByCodePoints(0, to) : first, possible);
  }

  private static int bound(Arguments given, int index, int otherwise, int length, String name) {
    if (given.size() <= index || given.at(index) == None.NONE) {
      return otherwise;
    }
    long place = Values.integer(given.at(index), name);
    return (int) Math.min(place < 0 ? Math.max(0, place + length) : place, length + 1L);
  }
}
