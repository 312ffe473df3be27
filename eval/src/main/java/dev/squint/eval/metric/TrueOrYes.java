package dev.squint.eval.metric;

import dev.squint.eval.data.Question;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether something holds, by the first of the words true, yes, false and no in the answer. */
final class TrueOrYes {

  private static final Pattern WORD = Pattern.compile("\\b(true|yes|false|no)\\b");

  private TrueOrYes() {}

  static Score score(String answer, Question question) {
    Matcher word = WORD.matcher(answer.toLowerCase(Locale.ROOT));
    if (!word.find()) {
      return Score.UNPARSED;
    }
    boolean said = word.group().equals("true") || word.group().equals("yes");
    return Score.of(said == question.answers().get(0).equalsIgnoreCase("true"));
  }
}
