package dev.squint.eval.metric;

import java.util.Map;
import java.util.TreeMap;

/** Scorers by their names in task files. */
public final class Scorers {

  private static final Map<String, Scorer> ALL = all();

  private Scorers() {}

  /**
   * Returns the scorer with this name.
   *
   * @throws IllegalArgumentException if there is none (the message lists the names), or if it needs
   *     a missing library (the message has the command that adds it)
   */
  public static Scorer get(String name) {
    Scorer scorer = ALL.get(name);
    if (scorer == null) {
      throw new IllegalArgumentException(
          "no scorer is called '%s'; there are %s".formatted(name, ALL.keySet()));
    }
    if (scorer instanceof Wups) {
      WupsLibraries.require(name, Scorers.class.getClassLoader());
    }
    return scorer;
  }

  private static Map<String, Scorer> all() {
    Map<String, Scorer> all = new TreeMap<>();
    all.put(
        "exact-match",
        (answer, question) -> Score.of(ExactMatch.matches(answer, question.answers())));
    all.put("vqa-accuracy", VqaAccuracy.OFFICIAL);
    all.put("vqa-accuracy-clean-always", VqaAccuracy.CLEAN_ALWAYS);
    all.put("vqa-accuracy-tokenised", VqaAccuracy.TOKENISED);
    all.put("vqa-accuracy-periods-kept", VqaAccuracy.PERIODS_KEPT);
    all.put("as-is", PlainMatch.AS_IS);
    all.put("lower", PlainMatch.LOWER);
    all.put("lower-no-punctuation", PlainMatch.LOWER_NO_PUNCTUATION);
    all.put("yes-no-word", YesNo.WORD);
    all.put("yes-no-whole", YesNo.WHOLE);
    all.put("yes-no-first-four", YesNo.FIRST_FOUR);
    all.put("no-or-yes", YesNo.NO_OR_YES);
    all.put("letter", Choice.LETTER);
    all.put("letter-first", LmmsEvalChoice.FIRST);
    all.put("letter-first-in-any-case", LmmsEvalChoice.FIRST_IN_ANY_CASE);
    all.put("letter-before-point", LmmsEvalChoice.BEFORE_POINT);
    all.put("letter-surest", LmmsEvalChoice.SUREST);
    all.put("letter-word-or-text", LmmsEvalChoice.WORD_OR_TEXT);
    all.put("letter-alone", LmmsEvalChoice.ALONE);
    all.put("letter-earliest", LmmsEvalChoice.EARLIEST);
    all.put("letter-or-option", VlmEvalKitChoice::score);
    all.put("letter-whole-or-before-point", Choice.WHOLE_OR_BEFORE_POINT);
    all.put("relaxed-number", RelaxedNumber::score);
    all.put("relaxed-number-stripped", RelaxedNumber::stripped);
    all.put("anls", Anls::score);
    all.put("contains", Contains::score);
    all.put("mmmu", Mmmu::score);
    all.put("mmmu-options-only", Mmmu::optionsOnly);
    all.put("mmmu-vlmevalkit", VlmEvalKitChoice::mmmu);
    all.put("true-or-yes", TrueOrYes::score);
    all.put("blind-test", BlindTest::score);
    all.put("wups-0", new Wups(0));
    all.put("wups-0.9", new Wups(0.9));
    return all;
  }
}
