package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Extracts the letter of an option like VLMEvalKit without a judge ({@code can_infer} of {@code
 * vlmeval/utils/matching_util.py}, commit e8e78f0): a letter that is the only one and among the
 * last words, one after "answer is", or the only option whose text is in the answer.
 */
public final class VlmEvalKitChoice {

  private static final int LAST_WORDS = 5;
  private static final String MARKS = "[.()\\[\\],:;!*#{}]";
  private static final String REFUSED = "Z";
  private static final Pattern PHRASE =
      Pattern.compile("answer\\s+is\\s+\\**([ABCD])", Pattern.CASE_INSENSITIVE);

  private static final List<String> REFUSALS =
      List.of(
          "Sorry, I can't help with images of people yet.",
          "I can't process this file.",
          "I'm sorry, but without the image provided",
          "Cannot determine the answer");

  /** Cells that pandas reads as missing, by which VLMEvalKit reads its tables. */
  private static final Set<String> MISSING =
      Set.of(
          "",
          "#N/A",
          "#N/A N/A",
          "#NA",
          "-1.#IND",
          "-1.#QNAN",
          "-NaN",
          "-nan",
          "1.#IND",
          "1.#QNAN",
          "<NA>",
          "N/A",
          "NA",
          "NULL",
          "NaN",
          "None",
          "n/a",
          "nan",
          "null");

  private VlmEvalKitChoice() {}

  /** Scores an answer to a question with options; a {@link Scorer}. */
  public static Score score(String answer, Question question) {
    return score(answer, question.options(), question.answers().get(0));
  }

  /**
   * Scores an answer to a question of MMMU, where open questions are asked with two options: the
   * right answer and "Other Answers"; a {@link Scorer}.
   */
  public static Score mmmu(String answer, Question question) {
    String right = question.answers().get(0);
    return question.options().isEmpty()
        ? score(answer, List.of(right, "Other Answers"), "A")
        : score(answer, question.options(), right);
  }

  private static Score score(String answer, List<String> options, String right) {
    Map<String, String> choices = new LinkedHashMap<>();
    for (int i = 0; i < options.size(); i++) {
      if (!MISSING.contains(options.get(i))) {
        choices.put(Question.letter(i), options.get(i).toLowerCase(Locale.ROOT));
      }
    }
    String text = MISSING.contains(answer) ? "nan" : answer;
    String letter = letter(text, choices.keySet());
    String said = letter.isEmpty() ? byText(text, choices) : letter;
    return said.isEmpty() ? Score.UNPARSED : Score.of(said.equals(right));
  }

  private static String letter(String answer, Set<String> letters) {
    if (REFUSALS.stream().anyMatch(answer::contains)) {
      return REFUSED;
    }
    List<String> words = Arrays.asList(answer.replaceAll(MARKS, " ").strip().split("\\s+", -1));
    List<String> said = letters.stream().filter(words::contains).toList();
    if (said.size() == 1 && words.indexOf(said.get(0)) > words.size() - LAST_WORDS) {
      return said.get(0);
    }
    if (said.isEmpty() && words.contains(REFUSED)) {
      return REFUSED;
    }
    Matcher phrase = PHRASE.matcher(answer);
    String after = phrase.find() ? phrase.group(1).toUpperCase(Locale.ROOT) : "";
    return letters.contains(after) ? after : "";
  }

  private static String byText(String answer, Map<String, String> choices) {
    String text = answer.toLowerCase(Locale.ROOT);
    int length = choices.values().stream().mapToInt(String::length).sum();
    List<String> found = new ArrayList<>();
    choices.forEach(
        (letter, option) -> {
          if (text.contains(option)) {
            found.add(letter);
          }
        });
    return text.length() <= 2 * length && found.size() == 1 ? found.get(0) : "";
  }
}
