package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rules by which lmms-eval (commit 75571cf) extracts the letter of an option from an answer. Where
 * it guesses at random, there is no letter here.
 */
public enum LmmsEvalChoice implements Scorer {
  /** The letter in its surest form (MMStar, Video-MME, MLVU). */
  SUREST {
    @Override
    String read(String answer, Question question) {
      return SurestLetter.of(answer);
    }
  },
  /** A letter as a word, then an option's text, then the surest letter (MMBench). */
  WORD_OR_TEXT {
    @Override
    String read(String answer, Question question) {
      String letter = MmBenchLetter.of(answer, question.options());
      return letter.isEmpty() ? SurestLetter.of(answer) : letter;
    }
  },
  /** A letter before a period, otherwise the answer in any case without punctuation (AI2D). */
  BEFORE_POINT {
    @Override
    String read(String answer, Question question) {
      Matcher point = POINT.matcher(answer);
      String said = point.find() ? point.group(1) : answer;
      return said.replaceAll("\\p{Punct}", "").toUpperCase(Locale.ROOT);
    }
  },
  /** The first character (SEED-Bench-2). */
  FIRST {
    @Override
    String read(String answer, Question question) {
      String stripped = answer.strip();
      return stripped.isEmpty() ? "" : stripped.substring(0, 1);
    }
  },
  /** The first character in any case (SEED-Bench). */
  FIRST_IN_ANY_CASE {
    @Override
    String read(String answer, Question question) {
      return FIRST.read(answer, question).toUpperCase(Locale.ROOT);
    }
  },
  /** The first letter that stands alone, in any case (MVBench). */
  ALONE {
    @Override
    String read(String answer, Question question) {
      Matcher before = LINE_BEFORE_POINT.matcher(answer.strip());
      if (before.find()) {
        return before.group(1).toUpperCase(Locale.ROOT);
      }
      Matcher alone = STANDING_ALONE.matcher(withoutPunctuation(answer));
      return alone.find() ? alone.group(1).toUpperCase(Locale.ROOT) : "";
    }
  },
  /**
   * Of all letters in brackets, before a space or a period, the one that ends first (EgoSchema).
   */
  EARLIEST {
    @Override
    String read(String answer, Question question) {
      return earliest(answer, question.options());
    }
  };

  private static final List<String> LETTERS = List.of("A", "B", "C", "D", "E");
  private static final int LONG_ANSWER_WORDS = 5;
  private static final Pattern POINT = Pattern.compile("^\\s*([A-Z])\\.");
  private static final Pattern LINE_BEFORE_POINT =
      Pattern.compile("^([A-E])\\.\\s*.+$", Pattern.CASE_INSENSITIVE | Pattern.UNIX_LINES);
  private static final Pattern STANDING_ALONE =
      Pattern.compile("\\b([A-E])\\b", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS);
  private static final String PUNCTUATION = ";/[]\"{}()=+\\_-><@`,?!";
  private static final Pattern COMMA_IN_NUMBER = Pattern.compile("\\d,\\d");
  private static final Pattern POINT_OUTSIDE_OF_NUMBER = Pattern.compile("\\.(?!\\d)");

  /** Returns the letter, or an empty text if there is none. */
  abstract String read(String answer, Question question);

  @Override
  public Score score(String answer, Question question) {
    String said = read(answer, question);
    return said.isEmpty() ? Score.UNPARSED : Score.of(said.equals(question.answers().get(0)));
  }

  /** Replaces punctuation by a space, or by nothing where it is beside a space. */
  private static String withoutPunctuation(String answer) {
    String text = answer.replace('\n', ' ').replace('\t', ' ').strip();
    boolean numbers = COMMA_IN_NUMBER.matcher(text).find();
    String clean = text;
    for (int i = 0; i < PUNCTUATION.length(); i++) {
      String mark = PUNCTUATION.substring(i, i + 1);
      boolean besideSpace = text.contains(mark + " ") || text.contains(" " + mark);
      clean = clean.replace(mark, besideSpace || numbers ? "" : " ");
    }
    return POINT_OUTSIDE_OF_NUMBER.matcher(clean).replaceAll("");
  }

  private static String earliest(String answer, List<String> options) {
    String text = " " + SurestLetter.stripped(answer, ",.!?;:'") + " ";
    String best = "";
    int bestAt = Integer.MAX_VALUE;
    for (String form : List.of("(%s)", "%s ", "%s.")) {
      for (String letter : LETTERS) {
        int at = text.lastIndexOf(form.formatted(letter));
        if (at >= 0 && at < bestAt) {
          best = letter;
          bestAt = at;
        }
      }
    }
    boolean byText = best.isEmpty() && text.strip().split("\\s+", -1).length > LONG_ANSWER_WORDS;
    return byText ? earliestText(text.toLowerCase(Locale.ROOT), options) : best;
  }

  private static String earliestText(String text, List<String> options) {
    List<Integer> places = new ArrayList<>();
    options.forEach(option -> places.add(text.lastIndexOf(option.toLowerCase(Locale.ROOT))));
    return places.stream()
        .filter(place -> place >= 0)
        .min(Integer::compare)
        .map(place -> LETTERS.get(places.indexOf(place)))
        .orElse("");
  }
}
