package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.TokenSet;
import dev.squint.pruner.method.baseline.RandomChoice;
import dev.squint.pruner.method.decoder.DyVte;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every method of the catalogue promises; a new one enters by itself. */
@ExtendWith(NamesTheMethod.class)
class ContractTest {

  static Stream<Arguments> everyMethodOnEveryLayout() {
    return TokenMethods.all().stream()
        .flatMap(
            method -> RandomTokens.layouts().stream().map(layout -> new Arguments(method, layout)));
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void keepsWhatTheBudgetSays(Arguments arguments) {
    int n = arguments.size();
    for (Budget budget : arguments.budgets()) {
      TokenReduction reduction = arguments.reduce(RandomTokens.of(1, arguments.tiles), budget);

      assertThat(reduction.before()).isEqualTo(n);
      assertThat(IntStream.of(reduction.kept()))
          .isSorted()
          .doesNotHaveDuplicates()
          .allMatch(i -> i >= 0 && i < n);
      if (budget instanceof Budget.Adaptive) {
        assertThat(reduction.after()).isBetween(arguments.least(), n);
      } else if (arguments.method.budgeting() == Method.Budgeting.ABOUT) {
        assertThat(reduction.after()).isLessThanOrEqualTo(n);
      } else if (arguments.method.budgeting() == Method.Budgeting.AT_MOST) {
        assertThat(reduction.after()).isBetween(arguments.least(), budget.tokens(n));
      } else {
        assertThat(reduction.after()).isEqualTo(budget.tokens(n));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void everyTokenOfAGroupBelongsToTheOneThatStandsForIt(Arguments arguments) {
    for (Budget budget : arguments.budgets()) {
      TokenReduction reduction = arguments.reduce(RandomTokens.of(2, arguments.tiles), budget);

      int[] target = reduction.target();
      int[] kept = reduction.kept();
      assertThat(IntStream.of(target)).allMatch(i -> i >= -1 && i < kept.length);
      assertThat(IntStream.of(kept).map(i -> target[i]))
          .containsExactly(IntStream.range(0, kept.length).boxed().toArray(Integer[]::new));
    }
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void aBudgetOfAllTokensIsTheIdentity(Arguments arguments) {
    for (Budget all :
        List.of(
            Budget.ratio(1), Budget.count(arguments.size()), Budget.count(arguments.size() + 1))) {
      if (arguments.method.budgeting().allows(all)) {
        assertThat(arguments.reduce(RandomTokens.of(3, arguments.tiles), all).isIdentity())
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void leavesTheTokensAsTheyAreAndDecidesTheSameTwice(Arguments arguments) {
    for (Budget budget : arguments.budgets()) {
      TokenSet tokens = arguments.tokens(RandomTokens.of(4, arguments.tiles));
      TokenSet untouched = arguments.tokens(RandomTokens.of(4, arguments.tiles));

      TokenReduction first = arguments.step(budget).reduce(tokens);
      TokenReduction second = arguments.step(budget).reduce(tokens);

      assertThat(second.kept()).containsExactly(first.kept());
      assertThat(second.target()).containsExactly(first.target());
      assertThat(second.apply(tokens.features())).isEqualTo(first.apply(tokens.features()));
      assertSame(tokens, untouched);
    }
  }

  private static void assertSame(TokenSet tokens, TokenSet untouched) {
    assertThat(tokens.features()).isEqualTo(untouched.features());
    for (var kind : tokens.evidenceKinds()) {
      if (tokens.evidence(kind) instanceof TokenSet globalViews) {
        assertSame(globalViews, (TokenSet) untouched.evidence(kind));
      } else {
        assertThat(tokens.evidence(kind)).isEqualTo(untouched.evidence(kind));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void constantAndZeroInputsGiveNoNaN(Arguments arguments) {
    for (float value : new float[] {0, 1}) {
      for (Budget budget : arguments.budgets()) {
        TokenSet tokens = arguments.tokens(RandomTokens.constant(value, arguments.tiles));
        TokenReduction reduction = arguments.step(budget).reduce(tokens);

        for (float feature : tokens.reduced(reduction).features().data()) {
          assertThat(feature).isFinite();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void scorersGiveTiesToTheEarlierToken(Arguments arguments) {
    if (arguments.method.action().defaults() instanceof TokenScorer<?> scorer
        && !(scorer instanceof RandomChoice)) {
      for (Budget budget : arguments.budgets()) {
        TokenReduction reduction =
            arguments.reduce(RandomTokens.constant(0.5f, arguments.tiles), budget);

        assertThat(reduction.kept())
            .containsExactly(IntStream.range(0, reduction.after()).toArray());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void worksOnTokensThatWereReducedBefore(Arguments arguments) {
    for (Budget budget : arguments.budgets()) {
      TokenSet tokens = arguments.tokens(RandomTokens.of(5, arguments.tiles));
      int n = tokens.size();
      int[] odd = IntStream.range(0, n).filter(i -> i % 2 == 1 || i == 0).toArray();
      TokenReduction pairs =
          TokenReduction.merge(
              odd,
              IntStream.range(0, n)
                  .map(i -> i == 0 ? 0 : (i + 1) / 2 < odd.length ? (i + 1) / 2 : -1)
                  .toArray(),
              tokens.patches());
      TokenSet fewer = tokens.reduced(pairs);

      TokenReduction reduction = arguments.step(budget).reduce(fewer);

      assertThat(reduction.before()).isEqualTo(fewer.size());
      assertThat(fewer.reduced(reduction).size()).isBetween(arguments.least(), fewer.size());
    }
  }

  @ParameterizedTest
  @MethodSource("everyMethodOnEveryLayout")
  void keepsWhatTheBudgetSaysWhereCropsWereNotEncoded(Arguments arguments) {
    if (!arguments.method.points().contains(Point.Kind.ENCODER)
        && !arguments.method.points().contains(Point.Kind.DECODER)) {
      return;
    }
    for (Budget budget : arguments.budgets()) {
      TokenSet tokens = arguments.tokens(RandomTokens.of(6, arguments.tiles));
      int[] encoded =
          IntStream.range(0, tokens.size())
              .filter(
                  i -> {
                    int tile = tokens.positions().get(i).tile();
                    return tokens.tiles().get(tile).isGlobal() || tile % 2 == 1;
                  })
              .toArray();
      TokenSet fewer = tokens.reduced(TokenReduction.keep(tokens.size(), encoded));

      int after = arguments.step(budget).reduce(fewer).after();

      if (budget instanceof Budget.Adaptive) {
        assertThat(after).isBetween(arguments.least(), encoded.length);
      } else if (arguments.method.budgeting() == Method.Budgeting.AT_MOST) {
        assertThat(after).isBetween(1, budget.tokens(encoded.length));
      } else {
        assertThat(after).isEqualTo(budget.tokens(encoded.length));
      }
    }
  }

  /** A method and a layout. */
  private record Arguments(Method method, List<Tile> tiles) {
    int size() {
      return tokens(RandomTokens.constant(0, tiles)).size();
    }

    /** What must be left: without crops the global view of a picture, for DyVTE the text. */
    int least() {
      return method.action().defaults() instanceof DyVte
              || method.points().stream().allMatch(kind -> kind == Point.Kind.TILES)
          ? 0
          : 1;
    }

    List<Budget> budgets() {
      List<Budget> budgets =
          new ArrayList<>(
              List.of(Budget.adaptive(), Budget.ratio(0.25), Budget.ratio(0.5), Budget.ratio(1)));
      for (int count : new int[] {1, 2, 3, 7, size() - 1}) {
        if (count >= 1) {
          budgets.add(Budget.count(count));
        }
      }
      budgets.removeIf(budget -> !method.budgeting().allows(budget));
      return budgets;
    }

    Point point() {
      Point.Kind kind = method.points().stream().sorted().findFirst().orElseThrow();
      return kind == Point.Kind.INSIDE_ENCODER || kind == Point.Kind.DECODER
          ? new Point(kind, 1)
          : new Point(kind, 0);
    }

    Step<?> step(Budget budget) {
      return new Step<>(point(), method, TokenMethods.action(method), budget);
    }

    /** Tokens with the evidence that the method declares, and nothing else. */
    TokenSet tokens(RandomTokens values) {
      return values.tokens(TokenMethods.action(method).actsOn(), method.needs());
    }

    TokenReduction reduce(RandomTokens values, Budget budget) {
      return step(budget).reduce(tokens(values));
    }

    @Override
    public String toString() {
      return "%s on %d tiles of %d tokens".formatted(method.name(), tiles.size(), size());
    }
  }
}
