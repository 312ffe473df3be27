package dev.squint.pruner.plan;

import java.util.Collection;
import java.util.Locale;

/** Suggests the known name that a misspelt one means. */
public final class Suggestion {

  private static final int LONGEST = 60;

  private Suggestion() {}

  /** A part of a sentence, such as {@code "; did you mean top_p?"}; empty if no name is near. */
  public static String of(String given, Collection<String> known) {
    String nearest = "";
    int least = Math.min(3, 1 + given.length() / 4) + 1;
    for (String name : known) {
      int distance = distance(given, name);
      if (distance < least) {
        least = distance;
        nearest = name;
      }
    }
    return nearest.isEmpty() ? "" : "; did you mean %s?".formatted(nearest);
  }

  /** Levenshtein distance without regard to case, hyphens and underscores. */
  private static int distance(String one, String other) {
    String a = plain(one);
    String b = plain(other);
    if (a.length() > LONGEST || b.length() > LONGEST) {
      return Integer.MAX_VALUE;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(above, row[j - 1]) + 1, diagonal + change);
        diagonal = above;
      }
    }
    return row[b.length()];
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
  }
}
