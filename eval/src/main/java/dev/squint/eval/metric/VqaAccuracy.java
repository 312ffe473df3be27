package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * VQA accuracy: for each of the ten human answers, min(1, matches among the other nine / 3), and
 * the mean of these (VQAv2, arXiv 1612.00837; {@code vqaEval.py}). k = 0, 1, 2, 3, 4 or more
 * matching people give 0, 0.3, 0.6, 0.9, 1. The answer left out is identified by its index, because
 * answers of VizWiz have no id.
 */
public enum VqaAccuracy implements Scorer {
  /** Normalizes human answers unless all ten are equal, like the official code. */
  OFFICIAL(false),
  /** Always normalizes human answers (lmms-eval and VLMEvalKit on VQAv2). */
  CLEAN_ALWAYS(true),
  /**
   * First converts to lower case and removes commas and question marks (lmms-eval on TextVQA and
   * others).
   */
  TOKENISED(true) {
    @Override
    String clean(String text) {
      return AnswerText.normalise(tokenise(text));
    }
  },
  /** Keeps periods behind digits (VLMEvalKit on TextVQA). */
  PERIODS_KEPT(true) {
    @Override
    String clean(String text) {
      return AnswerText.normaliseAsVlmEvalKit(text);
    }
  };

  private static final double ENOUGH = 3;

  private final boolean always;

  VqaAccuracy(boolean always) {
    this.always = always;
  }

  /** Normalizes an answer. */
  String clean(String text) {
    return AnswerText.normalise(text);
  }

  @Override
  public Score score(String answer, Question question) {
    List<String> people = question.answers();
    boolean clean = always || new HashSet<>(people).size() > 1;
    List<String> cleaned = clean ? people.stream().map(this::clean).toList() : people;
    String given = clean(answer);
    double sum = 0;
    for (int left = 0; left < cleaned.size(); left++) {
      int same = 0;
      for (int other = 0; other < cleaned.size(); other++) {
        same += other != left && cleaned.get(other).equals(given) ? 1 : 0;
      }
      sum += Math.min(1, same / ENOUGH);
    }
    return new Score(sum / cleaned.size(), true);
  }

  private static String tokenise(String text) {
    return text.toLowerCase(Locale.ROOT)
        .replace(",", "")
        .replace("?", "")
        .replace("'s", " 's")
        .strip();
  }
}
