package dev.squint.eval.run;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** A random sample of a data set. */
public final class Sample {

  private Sample() {}

  /**
   * Draws questions uniformly from the data set and keeps their order.
   *
   * @param limit maximum number of questions, at least 1
   */
  public static DataSet of(DataSet set, int limit, long seed) {
    if (limit < 1) {
      throw new IllegalArgumentException("a limit must be at least 1 but was " + limit);
    }
    int size = set.questions().size();
    if (limit >= size) {
      return set;
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    int[] drawn = order.subList(0, limit).stream().mapToInt(Integer::intValue).sorted().toArray();
    List<Question> questions = Arrays.stream(drawn).mapToObj(set.questions()::get).toList();
    return set.with(questions);
  }
}
