package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Rules by which benchmarks extract yes or no from an answer. */
public enum YesNo implements Scorer {
  /** Exactly one of the words yes and no occurs (VLMEvalKit). */
  WORD {
    @Override
    @Nullable Boolean read(String answer) {
      Set<String> words =
          new TreeSet<>(Arrays.asList(answer.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)));
      boolean yes = words.contains("yes");
      return yes == words.contains("no") ? null : (Boolean) yes;
    }
  },
  /** The whole answer is yes or no; "Yes." is neither (lmms-eval on POPE). */
  WHOLE {
    @Override
    @Nullable Boolean read(String answer) {
      return whole(answer.toLowerCase(Locale.ROOT).strip());
    }
  },
  /** Yes or no within the first four characters (MME's own script and lmms-eval). */
  FIRST_FOUR {
    @Override
    @Nullable Boolean read(String answer) {
      String lower = answer.toLowerCase(Locale.ROOT).strip();
      Boolean whole = whole(lower);
      if (whole != null) {
        return whole;
      }
      String start = lower.substring(0, Math.min(4, lower.length()));
      return start.contains("yes") ? (Boolean) true : start.contains("no") ? (Boolean) false : null;
    }
  },
  /** No if the first sentence contains the word no or not, otherwise yes (POPE's own script). */
  NO_OR_YES {
    @Override
    Boolean read(String answer) {
      int point = answer.indexOf('.');
      String sentence = (point < 0 ? answer : answer.substring(0, point)).replace(",", "");
      Set<String> words = new TreeSet<>(Arrays.asList(sentence.split(" ", -1)));
      return !(words.contains("No") || words.contains("not") || words.contains("no"));
    }
  };

  /** Returns whether the answer is yes, or null if it is neither. */
  abstract @Nullable Boolean read(String answer);

  @Override
  public Score score(String answer, Question question) {
    Boolean said = read(answer);
    return said == null
        ? Score.UNPARSED
        : Score.of(said == question.answers().get(0).strip().equalsIgnoreCase("yes"));
  }

  private static @Nullable Boolean whole(String answer) {
    return answer.equals("yes") ? (Boolean) true : answer.equals("no") ? (Boolean) false : null;
  }
}
