package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Point;
import dev.squint.pruner.Probes;
import dev.squint.pruner.Queries;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.AccumulatedAttention;
import dev.squint.pruner.evidence.LastLayerTokens;
import dev.squint.pruner.evidence.ProbeAttention;
import dev.squint.pruner.evidence.RecentQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every cache policy of the catalogue promises; a new one enters by itself. */
@ExtendWith(NamesTheMethod.class)
class CacheContractTest {
  private static final int HEADS = 2;

  static Stream<Arguments> everyPolicyOnCachesOfAllSizes() {
    return MethodCatalogue.all().at(Point.Kind.CACHE).stream()
        .flatMap(
            method -> IntStream.of(1, 2, 5, 33, 150).mapToObj(rows -> new Arguments(method, rows)));
  }

  @ParameterizedTest
  @MethodSource("everyPolicyOnCachesOfAllSizes")
  void everyHeadKeepsAsManyRowsAndFiniteNumbers(Arguments arguments) {
    for (RandomTokens values : arguments.values()) {
      for (Budget budget : arguments.budgets()) {
        CachedTokens cache = arguments.cache(values);
        CacheDecision decision = arguments.policy().decide(cache, budget);
        CachedTokens left = cache.reduced(decision.rows());

        assertThat(left.rows()).isBetween(1, cache.rows());
        assertThat(decision.denseRows()).isBetween(0, cache.rows());
        for (int h = 0; h < HEADS; h++) {
          assertThat(IntStream.of(left.tokens(h))).isSorted().doesNotHaveDuplicates();
          assertThat(IntStream.of(decision.keyChannels().get(h)))
              .isSorted()
              .doesNotHaveDuplicates()
              .allMatch(channel -> channel >= 0 && channel < 4);
          CachedTokens read = decision.storage().asRead(left);
          assertFinite(read.keys().get(h));
          assertFinite(read.values().get(h));
        }
        assertThat(decision.storage().store(left).bytes()).isPositive();
      }
    }
  }

  private static void assertFinite(Matrix rows) {
    for (float value : rows.data()) {
      assertThat(value).isFinite();
    }
  }

  @ParameterizedTest
  @MethodSource("everyPolicyOnCachesOfAllSizes")
  void aBudgetOfEverythingKeepsEverything(Arguments arguments) {
    if (arguments.method.budgeting().allows(Budget.ratio(1))) {
      CachedTokens cache = arguments.cache(RandomTokens.of(1, RandomTokens.single(1, 1)));
      CacheDecision decision = arguments.policy().decide(cache, Budget.ratio(1));

      assertThat(decision.rows()).allMatch(TokenReduction::isIdentity);
      assertThat(decision.keyChannels()).allMatch(channels -> channels.length == 4);
    }
  }

  @ParameterizedTest
  @MethodSource("everyPolicyOnCachesOfAllSizes")
  void decidesTheSameTwiceAndLeavesTheCacheAsItIs(Arguments arguments) {
    for (Budget budget : arguments.budgets()) {
      CachedTokens cache = arguments.cache(RandomTokens.of(2, RandomTokens.single(1, 1)));
      CachedTokens untouched = arguments.cache(RandomTokens.of(2, RandomTokens.single(1, 1)));
      CacheDecision first = arguments.policy().decide(cache, budget);
      CacheDecision second = arguments.policy().decide(cache, budget);

      assertThat(cache.keys()).isEqualTo(untouched.keys());
      assertThat(cache.values()).isEqualTo(untouched.values());
      CachedTokens once = cache.reduced(first.rows());
      CachedTokens twice = cache.reduced(second.rows());
      assertThat(once.keys()).isEqualTo(twice.keys());
      assertThat(first.storage().asRead(once).values())
          .isEqualTo(second.storage().asRead(twice).values());
    }
  }

  /** A policy and a number of rows, of which the middle ones are visual. */
  private record Arguments(Method method, int rows) {
    CachePolicy policy() {
      return ((Action.Cache) method.action()).policy();
    }

    List<Budget> budgets() {
      List<Budget> budgets =
          new ArrayList<>(
              List.of(
                  Budget.adaptive(),
                  Budget.ratio(0.25),
                  Budget.ratio(0.5),
                  Budget.ratio(1),
                  Budget.count(1),
                  Budget.count(3)));
      budgets.removeIf(budget -> !method.budgeting().allows(budget));
      return budgets;
    }

    List<RandomTokens> values() {
      return List.of(
          RandomTokens.of(3, RandomTokens.single(1, 1)),
          RandomTokens.constant(0, RandomTokens.single(1, 1)),
          RandomTokens.constant(1, RandomTokens.single(1, 1)));
    }

    CachedTokens cache(RandomTokens values) {
      boolean[] visual = new boolean[rows];
      for (int i = rows / 4; i < rows / 2; i++) {
        visual[i] = true;
      }
      EvidenceSet observed = EvidenceSet.nothing();
      for (Evidence<?> kind : method.needs()) {
        observed = with(observed, kind, values);
      }
      return new CachedTokens(
          3,
          List.of(values.matrix(rows, 4), values.matrix(rows, 4)),
          List.of(values.matrix(rows, 4), values.matrix(rows, 4)),
          List.of(IntStream.range(0, rows).toArray(), IntStream.range(0, rows).toArray()),
          visual,
          rows,
          observed);
    }

    private EvidenceSet with(EvidenceSet observed, Evidence<?> kind, RandomTokens values) {
      if (kind instanceof AccumulatedAttention attention) {
        return observed.with(attention, Attention.of(values.matrix(HEADS, rows)));
      }
      if (kind instanceof RecentQueries queries) {
        int last = Math.min(rows, queries.count());
        return observed.with(
            queries,
            new Queries(Stream.generate(() -> values.matrix(last, 4)).limit(2 * HEADS).toList()));
      }
      if (kind instanceof ProbeAttention probes) {
        return observed.with(probes, new Probes(new int[] {rows - 1}, values.matrix(1, rows)));
      }
      if (kind instanceof LastLayerTokens tokens) {
        return observed.with(tokens, IntStream.range(0, rows).filter(i -> i % 2 == 0).toArray());
      }
      throw new IllegalArgumentException("no random values for " + kind);
    }

    @Override
    public String toString() {
      return "%s on %d rows".formatted(method.name(), rows);
    }
  }
}
