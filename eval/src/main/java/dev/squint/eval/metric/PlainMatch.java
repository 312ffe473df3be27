package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.Locale;

/** Exact match after little or no normalization, as used for GQA. */
public enum PlainMatch implements Scorer {
  /** Without normalization (GQA's own script). */
  AS_IS {
    @Override
    String clean(String text) {
      return text;
    }
  },
  /** Lower case, without white space at the ends (VLMEvalKit). */
  LOWER {
    @Override
    String clean(String text) {
      return text.strip().toLowerCase(Locale.ROOT);
    }
  },
  /** Lower case, without ASCII punctuation (lmms-eval). */
  LOWER_NO_PUNCTUATION {
    @Override
    String clean(String text) {
      return text.toLowerCase(Locale.ROOT).replaceAll("\\p{Punct}", "").strip();
    }
  };

  /** Returns the normalized text. */
  abstract String clean(String text);

  @Override
  public Score score(String answer, Question question) {
    String given = clean(answer);
    return Score.of(question.answers().stream().anyMatch(right -> clean(right).equals(given)));
  }
}
