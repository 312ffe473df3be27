package dev.squint.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.eval.data.Question;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  @Test
  void independentAnswers_giveTheNormalInterval() {
    int n = 1000;
    double[] values = IntStream.range(0, n).mapToDouble(i -> i % 5 == 0 ? 0 : 1).toArray();
    Interval interval = Bootstrap.mean(names(n, 1), values);
    double half = 1.96 * Math.sqrt(0.8 * 0.2 / n);
    assertThat(interval.value()).isEqualTo(0.8);
    assertThat(interval.low()).isCloseTo(0.8 - half, within(0.004));
    assertThat(interval.high()).isCloseTo(0.8 + half, within(0.004));
  }

  @Test
  void correlatedAnswers_countOncePerCluster() {
    // Ten questions per picture, all right or all wrong: an interval for 100 answers, not for 1000.
    double[] values = IntStream.range(0, 1000).mapToDouble(i -> i / 10 % 5 == 0 ? 0 : 1).toArray();
    Interval interval = Bootstrap.mean(names(1000, 10), values);
    double half = 1.96 * Math.sqrt(0.8 * 0.2 / 100);
    assertThat(interval.low()).isCloseTo(0.8 - half, within(0.012));
    assertThat(interval.high()).isCloseTo(0.8 + half, within(0.012));
  }

  @Test
  void clusters_areWeightedByTheirAnswers() {
    Interval interval = Bootstrap.mean(List.of("a", "a", "a", "b"), new double[] {1, 1, 1, 0});
    assertThat(interval).isEqualTo(new Interval(0.75, 0, 1));
  }

  @Test
  void equalValues_haveNoWidth_andTheIntervalIsReproducible() {
    double[] values = new double[20];
    Arrays.fill(values, 0.3);
    Interval interval = Bootstrap.mean(names(20, 1), values);
    assertThat(interval.low()).isCloseTo(0.3, within(1e-12));
    assertThat(interval.high()).isCloseTo(0.3, within(1e-12));
    assertThat(Bootstrap.mean(names(20, 1), values)).isEqualTo(interval);
  }

  @Test
  void noValues_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bootstrap.mean(List.of(), new double[0]))
        .withMessageContaining("0 values");
  }

  /** Mean over the groups of whether all answers of a group are right. */
  private static final Aggregate ALL_OF_A_GROUP =
      answers ->
          answers.stream()
              .collect(
                  Collectors.groupingBy(
                      Graded::group,
                      Collectors.collectingAndThen(
                          Collectors.toList(),
                          some -> some.stream().allMatch(one -> one.score().value() == 1))))
              .values()
              .stream()
              .mapToDouble(all -> all ? 1 : 0)
              .average()
              .orElseThrow();

  @Test
  void otherFigures_areDrawnByPictureToo() {
    // Ten questions per picture, all right or all wrong, each scored alone.
    List<Graded> answers =
        IntStream.range(0, 1000)
            .mapToObj(i -> graded("picture " + i / 10, "group " + i, i / 10 % 5 != 0))
            .toList();

    Interval interval = Bootstrap.of(answers, ALL_OF_A_GROUP);

    double half = 1.96 * Math.sqrt(0.8 * 0.2 / 100);
    assertThat(interval.value()).isEqualTo(0.8);
    assertThat(interval.low()).isCloseTo(0.8 - half, within(0.012));
    assertThat(interval.high()).isCloseTo(0.8 + half, within(0.012));
  }

  @Test
  void aPictureThatIsDrawnTwice_countsAsTwoGroups() {
    // Three pictures of one group each, one of them wrong: a draw without the second of them
    // gives 0, 1/3, 2/3 or 1, and never 1/2, as it would if equal groups were one.
    Set<Double> figures = new TreeSet<>();
    Aggregate recorded =
        drawn -> {
          double figure = ALL_OF_A_GROUP.of(drawn);
          figures.add(Math.rint(3 * figure * 1e6) / 1e6);
          return figure;
        };
    Bootstrap.of(
        List.of(graded("a", "a", true), graded("b", "b", true), graded("c", "c", false)), recorded);

    assertThat(figures).containsExactly(0.0, 1.0, 2.0, 3.0);
  }

  private static Graded graded(String picture, String group, boolean right) {
    return new Graded(
        Question.open(group, List.of(picture), "What?", List.of("this"), ""),
        group,
        "",
        Score.of(right));
  }

  private static List<String> names(int n, int each) {
    return IntStream.range(0, n).mapToObj(i -> "picture " + i / each).toList();
  }
}
