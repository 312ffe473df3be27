package dev.squint.webapp;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the words of the command line, before Spring, which ignores those that it does not know.
 */
final class ServerArguments {

  private static final String OPTION = "--";

  private ServerArguments() {}

  /** Whether the words ask for the usage. */
  static boolean wantHelp(List<String> words) {
    return words.contains("--help") || words.contains("-h");
  }

  /**
   * Joins {@code --name value} to {@code --name=value}, the form that Spring reads.
   *
   * @throws IllegalArgumentException if a word is neither a setting nor the value of one
   */
  static String[] joined(List<String> words) {
    List<String> joined = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith(OPTION)) {
        throw new IllegalArgumentException(
            "'%s' is not a setting; write settings as --name=value, for example --port=8081"
                .formatted(word));
      }
      boolean hasValue =
          !word.contains("=") && i + 1 < words.size() && !words.get(i + 1).startsWith("-");
      joined.add(hasValue ? word + "=" + words.get(++i) : word);
    }
    return joined.toArray(String[]::new);
  }
}
