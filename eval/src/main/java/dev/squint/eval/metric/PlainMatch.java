package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.Locale;

/** Equality after little cleaning, as GQA is compared. */
public enum PlainMatch implements Scorer {
  /** Equal as it stands (GQA's own script). */
  AS_IS {
    @Override
    String clean(String text) {
      return text;
    }
  },
  /** Lower case, white space at the ends dropped (VLMEvalKit). */
  LOWER {
    @Override
    String clean(String text) {
      return text.strip().toLowerCase(Locale.ROOT);
    }
  },
  /** Lower case, all ASCII punctuation dropped (lmms-eval). */
  LOWER_NO_PUNCTUATION {
    @Override
    String clean(String text) {
      return text.toLowerCase(Locale.ROOT).replaceAll("\\p{Punct}", "").strip();
    }
  };

  /** The text as it is compared. */
  abstract String clean(String text);

  @Override
  public Score score(String answer, Question question) {
    String given = clean(answer);
    return Score.of(question.answers().stream().anyMatch(right -> clean(right).equals(given)));
  }
}
