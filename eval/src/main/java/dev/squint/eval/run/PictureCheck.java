package dev.squint.eval.run;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Reads the pictures of questions before the first one is asked. */
final class PictureCheck {

  /** Questions that a message names; it counts the others. */
  private static final int NAMED = 5;

  private PictureCheck() {}

  /**
   * Decodes every picture.
   *
   * @param groups questions with the same pictures
   * @return the questions with a missing or damaged picture, with the reason
   */
  static Map<Question, String> problems(DataSet set, List<List<Question>> groups, int threads) {
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<@Nullable String>> reasons = new ArrayList<>();
      for (List<Question> together : groups) {
        reasons.add(workers.submit(() -> problem(set, together.get(0))));
      }
      Map<Question, String> problems = new LinkedHashMap<>();
      for (int i = 0; i < groups.size(); i++) {
        @Nullable String reason = reasons.get(i).get();
        if (reason != null) {
          groups.get(i).forEach(question -> problems.put(question, reason));
        }
      }
      return problems;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the check of the pictures was interrupted", e);
    } finally {
      workers.shutdownNow();
    }
  }

  private static @Nullable String problem(DataSet set, Question question) {
    try {
      question.pictures().forEach(set.pictures()::read);
      return null;
    } catch (RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Describes the problems of a data set. */
  static String describe(DataSet set, Map<Question, String> problems) {
    StringBuilder text =
        new StringBuilder(
            "%d of %d questions of '%s' have a missing or damaged picture:"
                .formatted(problems.size(), set.questions().size(), set.name()));
    problems.entrySet().stream()
        .limit(NAMED)
        .forEach(
            problem ->
                text.append(
                    " question '%s': %s;".formatted(problem.getKey().id(), problem.getValue())));
    int more = problems.size() - NAMED;
    text.append(more > 0 ? " and %d more".formatted(more) : "");
    return text.toString().replaceFirst(";$", "");
  }
}
