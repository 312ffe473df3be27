package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Extracts answers like MMMU (arXiv 2311.16502, {@code eval_utils.py}), but without its random
 * guess: an answer that names no option is wrong.
 */
public final class Mmmu {

  private static final int LONG_ANSWER_WORDS = 5;

  private Mmmu() {}

  /** Scores an answer to a question with or without options; a {@link Scorer}. */
  public static Score score(String answer, Question question) {
    if (question.options().isEmpty()) {
      return Score.of(MmmuOpenAnswer.matches(answer, question.answers()));
    }
    String said = option(answer, question.options());
    return said == null ? Score.UNPARSED : Score.of(said.equals(question.answers().get(0)));
  }

  /**
   * Scores an answer to a question with options; open questions are always wrong, as in lmms-eval,
   * which compares their answers letter by letter. A {@link Scorer}.
   */
  public static Score optionsOnly(String answer, Question question) {
    return question.options().isEmpty() ? Score.of(false) : score(answer, question);
  }

  /** Looks for "(A)", then "A ", then "A.", then an option's text; takes the last of several. */
  static @Nullable String option(String answer, List<String> options) {
    String text = " " + SurestLetter.stripped(answer, ",.!?;:'") + " ";
    List<String> letters = IntStream.range(0, options.size()).mapToObj(Question::letter).toList();
    List<Function<String, String>> forms =
        List.of(letter -> "(" + letter + ")", letter -> letter + " ", letter -> letter + ".");
    for (int form = 0; form < forms.size(); form++) {
      List<String> found = new ArrayList<>();
      for (String letter : letters) {
        if (text.contains(forms.get(form).apply(letter))) {
          found.add(letter);
        }
      }
      if (!found.isEmpty()) {
        boolean brackets = form == 0;
        return last(
            found, letter -> text.lastIndexOf(brackets ? "(" + letter + ")" : " " + letter + " "));
      }
    }
    if (text.strip().split("\\s+", -1).length <= LONG_ANSWER_WORDS) {
      return null;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> found = new ArrayList<>();
    for (String letter : letters) {
      if (lower.contains(optionText(options, letter))) {
        found.add(letter);
      }
    }
    return found.isEmpty()
        ? null
        : last(found, letter -> lower.lastIndexOf(optionText(options, letter)));
  }

  private static String optionText(List<String> options, String letter) {
    return options.get(letter.charAt(0) - 'A').toLowerCase(Locale.ROOT);
  }

  // The first of several at the same position, like numpy's argmax.
  private static String last(List<String> found, Function<String, Integer> place) {
    String best = found.get(0);
    for (String letter : found) {
      if (place.apply(letter) > place.apply(best)) {
        best = letter;
      }
    }
    return best;
  }
}
