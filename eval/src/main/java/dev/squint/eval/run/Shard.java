package dev.squint.eval.run;

import dev.squint.eval.data.Question;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a run for one machine: every {@code count}-th picture of each data set, with all its
 * questions.
 *
 * @param index which part, from 1 to {@code count}
 * @param count number of parts
 */
public record Shard(int index, int count) {

  /** The whole run. */
  public static final Shard WHOLE = new Shard(1, 1);

  private static final Pattern FORM = Pattern.compile("(\\d{1,6}|auto)(?:/(\\d{1,6}))?");

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the index is not from 1 to the count
   */
  public Shard {
    if (count < 1 || index < 1 || index > count) {
      throw new IllegalArgumentException(
          "a shard is I/N with I from 1 to N but was %d/%d".formatted(index, count));
    }
  }

  /**
   * Parses {@code I/N}, {@code auto} or {@code auto/N}.
   *
   * @param environment with {@code auto}: SLURM_ARRAY_TASK_ID, _MIN and _COUNT of a Slurm array, or
   *     JOB_COMPLETION_INDEX of a Kubernetes Indexed Job, which needs N
   * @throws IllegalArgumentException if the text has another form, or the variables are missing
   */
  public static Shard parse(String text, Map<String, String> environment) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || (!form.group(1).equals("auto") && form.group(2) == null)) {
      throw new IllegalArgumentException(
          "a shard is I/N, such as 2/8, or auto or auto/N, but was '%s'".formatted(text));
    }
    Optional<Integer> given = Optional.ofNullable(form.group(2)).map(Integer::valueOf);
    if (!form.group(1).equals("auto")) {
      return new Shard(Integer.parseInt(form.group(1)), given.orElseThrow());
    }
    @Nullable Integer slurm = number(environment, "SLURM_ARRAY_TASK_ID");
    if (slurm != null) {
      @Nullable Integer first = number(environment, "SLURM_ARRAY_TASK_MIN");
      @Nullable Integer count = number(environment, "SLURM_ARRAY_TASK_COUNT");
      int parts = given.orElse(count == null ? 0 : count);
      return new Shard(slurm - (first == null ? 0 : first) + 1, parts);
    }
    @Nullable Integer kubernetes = number(environment, "JOB_COMPLETION_INDEX");
    if (kubernetes != null && given.isPresent()) {
      return new Shard(kubernetes + 1, given.get());
    }
    throw new IllegalArgumentException(
        "--shard auto needs SLURM_ARRAY_TASK_ID, or JOB_COMPLETION_INDEX and the number of shards as auto/N");
  }

  private static @Nullable Integer number(Map<String, String> environment, String name) {
    @Nullable String value = environment.get(name);
    if (value == null || value.isBlank()) {
      return null;
    }
    if (!value.matches("\\d{1,9}")) {
      throw new IllegalArgumentException("%s must be a number but was '%s'".formatted(name, value));
    }
    return Integer.valueOf(value);
  }

  /**
   * This part of a data set; empty if the set has fewer pictures than there are shards before this
   * one.
   */
  public Optional<TaskData> of(TaskData data) {
    Map<String, Integer> pictures = new LinkedHashMap<>();
    data.set().questions().forEach(one -> pictures.putIfAbsent(one.cluster(), pictures.size()));
    List<Question> questions =
        data.set().questions().stream()
            .filter(one -> pictures.getOrDefault(one.cluster(), 0) % count == index - 1)
            .toList();
    return questions.isEmpty()
        ? Optional.empty()
        : Optional.of(new TaskData(data.task(), data.set().with(questions)));
  }

  @Override
  public String toString() {
    return index + "/" + count;
  }
}
