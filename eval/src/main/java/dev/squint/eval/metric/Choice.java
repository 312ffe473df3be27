package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rules by which benchmarks extract the letter of an option from an answer. */
public enum Choice implements Scorer {
  /**
   * A letter at the start, otherwise the only single letter, otherwise the only option whose text
   * equals the answer.
   */
  LETTER {
    @Override
    @Nullable String read(String answer, Question question) {
      Matcher start = START.matcher(answer);
      if (start.find() && isOption(start.group(1), question)) {
        return start.group(1);
      }
      List<String> alone =
          ALONE
              .matcher(answer)
              .results()
              .map(found -> found.group(1))
              .filter(letter -> isOption(letter, question))
              .distinct()
              .toList();
      if (alone.size() == 1) {
        return alone.get(0);
      }
      List<String> texts =
          IntStream.range(0, question.options().size())
              .filter(i -> plain(question.options().get(i)).equals(plain(answer)))
              .mapToObj(Question::letter)
              .toList();
      return texts.size() == 1 ? texts.get(0) : null;
    }
  },
  /** The whole answer, or a capital letter before a period (lmms-eval on ScienceQA). */
  WHOLE_OR_BEFORE_POINT {
    @Override
    @Nullable String read(String answer, Question question) {
      String stripped = answer.strip();
      boolean point =
          stripped.length() >= 2
              && Character.isUpperCase(stripped.charAt(0))
              && stripped.charAt(1) == '.';
      return point ? stripped.substring(0, 1) : stripped.toUpperCase(Locale.ROOT);
    }
  };

  private static final Pattern START = Pattern.compile("^\\s*\\(?([A-Z])(?:[).:,]|\\s*$)");
  private static final Pattern ALONE = Pattern.compile("(?<![A-Za-z'])([A-Z])(?![A-Za-z'])");

  /** Returns the extracted letter, or null if there is none. */
  abstract @Nullable String read(String answer, Question question);

  @Override
  public Score score(String answer, Question question) {
    String said = read(answer, question);
    return said == null || said.isEmpty()
        ? Score.UNPARSED
        : Score.of(said.equals(question.answers().get(0)));
  }

  private static boolean isOption(String letter, Question question) {
    int options = question.options().isEmpty() ? 26 : question.options().size();
    return letter.charAt(0) - 'A' < options;
  }

  private static String plain(String text) {
    String stripped = text.strip().toLowerCase(Locale.ROOT);
    return stripped.endsWith(".") ? stripped.substring(0, stripped.length() - 1) : stripped;
  }
}
