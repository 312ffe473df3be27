package dev.squint.eval.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Extracts a letter that is a word of the answer, or whose option's text is in it, like lmms-eval
 * on MMBench ({@code tasks/mmbench/mmbench_evals.py}).
 */
final class MmBenchLetter {

  private static final List<String> LETTERS = List.of("A", "B", "C", "D", "E");
  private static final int OPTIONS = 4;
  private static final int SHORT_ANSWER_WORDS = 3;

  /** Text of an option that a question does not have. */
  private static final String NO_OPTION = "nan";

  /** What may stand around a letter, in order. */
  private static final List<List<String>> AROUND =
      List.of(
          List.of("", "."),
          List.of("", ","),
          List.of("", ":"),
          List.of("", ")"),
          List.of("", ")."),
          List.of("(", ")"),
          List.of("(", ")."),
          List.of(":", ""),
          List.of(":", ","),
          List.of(":", "."),
          List.of(":", ")"),
          List.of(":", ")."));

  private MmBenchLetter() {}

  /** Returns the letter, or an empty text if there is none or more than one. */
  static String of(String answer, List<String> options) {
    String word = word(Arrays.asList(answer.strip().split("\\s+", -1)));
    return word.isEmpty() ? byText(answer.toLowerCase(Locale.ROOT), options) : word;
  }

  private static String word(List<String> words) {
    List<String> alone = LETTERS.stream().filter(words::contains).toList();
    boolean article = words.contains("A") && words.size() > SHORT_ANSWER_WORDS;
    if (alone.size() == 1 && !article) {
      return alone.get(0);
    }
    for (List<String> marks : AROUND) {
      List<String> marked =
          LETTERS.stream()
              .filter(letter -> words.contains(marks.get(0) + letter + marks.get(1)))
              .toList();
      if (marked.size() == 1) {
        return marked.get(0);
      }
    }
    return "";
  }

  private static String byText(String answer, List<String> options) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < OPTIONS; i++) {
      String option = i < options.size() ? options.get(i) : NO_OPTION;
      if (answer.contains(option.toLowerCase(Locale.ROOT))) {
        found.add(LETTERS.get(i));
      }
    }
    return found.size() == 1 ? found.get(0) : "";
  }
}
