package dev.squint.eval.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Extracts one of the letters A to D by the surest of several forms, like lmms-eval ({@code
 * tasks/_task_utils/mcq_extract.py}).
 */
final class SurestLetter {

  private static final List<String> LETTERS = List.of("A", "B", "C", "D");
  private static final int AT_START = 10;
  private static final int AT_END = 9;
  private static final int AFTER_PHRASE = 7;

  /** Texts after which a letter counts; those in Korean, Chinese and Japanese say the same. */
  private static final List<String> PHRASES =
      List.of(
          "the answer is",
          "answer is",
          "the correct answer is",
          "correct answer is",
          "the best answer is",
          "best answer is",
          "the correct option is",
          "correct option is",
          "the best option is",
          "best option is",
          "the choice is",
          "choice is",
          "the correct choice is",
          "correct choice is",
          "i choose",
          "i select",
          "i pick",
          "my answer is",
          "my choice is",
          "\uc635\uc158",
          "\uc815\ub2f5\uc740",
          "\ub2f5\uc740",
          "\ub2f5:",
          "\u7b54\u6848\u662f",
          "\u7b54\u6848\u4e3a",
          "\u9009",
          "\u7b54\u3048\u306f");

  private SurestLetter() {}

  /** A letter that was found, its position in the text and how sure its form is. */
  private record Found(String letter, int position, int sureness) {}

  /** A form of a letter. */
  private record Form(String before, String after, int sureness) {}

  private static final List<Form> FORMS =
      List.of(
          new Form("(", ")", 6),
          new Form("", ".", 5),
          new Form("", ":", 4),
          new Form("", ")", 3),
          new Form("", " ", 2));
  private static final Form ANYWHERE = new Form("", "", 0);

  /** Returns the letter, or an empty text if there is none. */
  static String of(String answer) {
    if (answer.isBlank()) {
      return "";
    }
    String text = " " + stripped(answer.strip(), ",.!?;:'\"") + " ";
    List<Found> found = new ArrayList<>();
    FORMS.forEach(form -> find(form, text, found));
    findAfterPhrases(text, found);
    findAtEnds(text, found);
    if (found.isEmpty()) {
      find(ANYWHERE, text, found);
    }
    Comparator<Found> surer =
        Comparator.comparingInt(Found::sureness).thenComparingInt(Found::position);
    // Of equal ones the first, as Python's sort keeps their order.
    return found.stream()
        .reduce((first, next) -> surer.compare(next, first) > 0 ? next : first)
        .map(Found::letter)
        .orElse("");
  }

  /** Removes each of the characters in turn from both ends. */
  static String stripped(String text, String characters) {
    String bare = text;
    for (int i = 0; i < characters.length(); i++) {
      char one = characters.charAt(i);
      int start = 0;
      int end = bare.length();
      while (start < end && bare.charAt(start) == one) {
        start++;
      }
      while (end > start && bare.charAt(end - 1) == one) {
        end--;
      }
      bare = bare.substring(start, end);
    }
    return bare;
  }

  private static void find(Form form, String text, List<Found> found) {
    for (String letter : LETTERS) {
      int position = text.lastIndexOf(form.before() + letter + form.after());
      if (position >= 0) {
        found.add(new Found(letter, position, form.sureness()));
      }
    }
  }

  private static void findAfterPhrases(String text, List<Found> found) {
    String lower = text.toLowerCase(Locale.ROOT);
    for (String phrase : PHRASES) {
      int at = lower.indexOf(phrase);
      if (at < 0) {
        continue;
      }
      for (String letter : LETTERS) {
        int position = text.indexOf(letter, at + phrase.length());
        if (position >= 0) {
          found.add(new Found(letter, position, AFTER_PHRASE));
        }
      }
    }
  }

  private static void findAtEnds(String text, List<Found> found) {
    String bare = text.strip();
    int length = bare.length();
    for (String letter : LETTERS) {
      if (bare.startsWith(letter) && (length == 1 || !Character.isLetter(bare.charAt(1)))) {
        found.add(new Found(letter, 0, AT_START));
      }
      if (bare.endsWith(letter) && (length == 1 || !Character.isLetter(bare.charAt(length - 2)))) {
        found.add(new Found(letter, text.length() - 1, AT_END));
      }
    }
  }
}
