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
 * Answers as the official VQA evaluation compares them: punctuation, number words, articles and
 * contractions made equal (github.com/GT-Vision-Lab/VQA, {@code vqaEval.py}, with the punctuation
 * of the later EvalAI version that the harnesses use).
 */
public final class AnswerText {

  private static final String PUNCTUATION = ";/[]\"{}()=+\\_-><@`,?!";
  private static final Pattern DIGIT_COMMA_DIGIT = Pattern.compile("(?<=\\d),+(?=\\d)");

  /**
   * The official pattern means to spare the point of "3." by a look-behind but misspells it, so it
   * deletes every point without a digit after it; the numbers of the field rest on that.
   */
  private static final Pattern POINT = Pattern.compile("\\.(?!\\d)");

  /** The official code hands a flag with the value 32 over as the number of replacements. */
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

  /** The answer in the form in which it is compared. */
  public static String normalise(String answer) {
    return withoutArticles(
        withoutPunctuation(answer.replace('\n', ' ').replace('\t', ' ').strip()));
  }

  static String withoutPunctuation(String text) {
    boolean hasThousands = DIGIT_COMMA_DIGIT.matcher(text).find();
    String out = text;
    for (int i = 0; i < PUNCTUATION.length(); i++) {
      String mark = PUNCTUATION.substring(i, i + 1);
      // The official code looks at the original text here, not at what is left of it.
      boolean alone = text.contains(mark + " ") || text.contains(" " + mark);
      out = out.replace(mark, alone || hasThousands ? "" : " ");
    }
    Matcher points = POINT.matcher(out);
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

  // Capital keys such as "Im" never match, because words are in lower case by then; they are left
  // out of the file.
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
