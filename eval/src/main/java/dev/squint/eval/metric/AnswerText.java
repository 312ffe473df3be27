package dev.squint.eval.metric;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Normalizes answers like the official VQA evaluation: punctuation, number words, articles and
 * contractions (github.com/GT-Vision-Lab/VQA, {@code vqaEval.py}, with the punctuation of the later
 * EvalAI version that the harnesses use).
 */
public final class AnswerText {

  private static final String PUNCTUATION = ";/[]\"{}()=+\\_-><@`,?!";
  private static final Pattern DIGIT_COMMA_DIGIT = Pattern.compile("(?<=\\d),+(?=\\d)");

  /**
   * The official pattern has a typo in its look-behind, so it deletes every period that no digit
   * follows, also in "3."; published results depend on it.
   */
  private static final Pattern POINT = Pattern.compile("\\.(?!\\d)");

  /** What the pattern should have been; VLMEvalKit has it so. */
  private static final Pattern POINT_AFTER_NO_DIGIT = Pattern.compile("(?<!\\d)\\.(?!\\d)");

  /** The official code passes a flag with the value 32 as the maximum number of replacements. */
  private static final int MOST_POINTS = 32;

  private static final Set<String> ARTICLES = Set.of("a", "an", "the");
  private static final Map<String, String> NUMBERS =
      Map.ofEntries(
          Map.entry("none", "0"),
          Map.entry("zero", "0"),
          Map.entry("one", "1"),
          Map.entry("two", "2"),
          Map.entry("three", "3"),
          Map.entry("four", "4"),
          Map.entry("five", "5"),
          Map.entry("six", "6"),
          Map.entry("seven", "7"),
          Map.entry("eight", "8"),
          Map.entry("nine", "9"),
          Map.entry("ten", "10"));
  private static final Map<String, String> CONTRACTIONS = contractions();

  private AnswerText() {}

  /** Returns the normalized answer. */
  public static String normalise(String answer) {
    return normalise(answer, POINT);
  }

  /** Returns the answer as VLMEvalKit normalizes it: "3." keeps its period. */
  static String normaliseAsVlmEvalKit(String answer) {
    return normalise(answer, POINT_AFTER_NO_DIGIT);
  }

  private static String normalise(String answer, Pattern point) {
    return withoutArticles(
        withoutPunctuation(answer.replace('\n', ' ').replace('\t', ' ').strip(), point));
  }

  private static String withoutPunctuation(String text, Pattern point) {
    boolean hasThousands = DIGIT_COMMA_DIGIT.matcher(text).find();
    String out = text;
    for (int i = 0; i < PUNCTUATION.length(); i++) {
      String mark = PUNCTUATION.substring(i, i + 1);
      // The official code tests the original text here, not the partly cleaned text.
      boolean alone = text.contains(mark + " ") || text.contains(" " + mark);
      out = out.replace(mark, alone || hasThousands ? "" : " ");
    }
    Matcher points = point.matcher(out);
    StringBuilder rest = new StringBuilder();
    for (int i = 0; i < MOST_POINTS && points.find(); i++) {
      points.appendReplacement(rest, "");
    }
    return points.appendTail(rest).toString();
  }

  private static String withoutArticles(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.toLowerCase(Locale.ROOT).strip().split("\\s+", -1)) {
      String number = NUMBERS.getOrDefault(word, word);
      if (!ARTICLES.contains(number)) {
        words.add(CONTRACTIONS.getOrDefault(number, number));
      }
    }
    return String.join(" ", words);
  }

  // The file omits keys with capitals such as "Im": words are already in lower case, so they
  // never match.
  private static Map<String, String> contractions() {
    Map<String, String> map = new HashMap<>();
    InputStream file =
        Objects.requireNonNull(AnswerText.class.getResourceAsStream("contractions.txt"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int space = line.indexOf(' ');
        map.put(line.substring(0, space), line.substring(space + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(map);
  }
}
