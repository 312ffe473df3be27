package dev.squint.pruner.method.baseline;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.method.encoder.ClsAttentionPruner;
import dev.squint.pruner.method.encoder.TextGuided;
import dev.squint.testing.RandomTries;
import dev.squint.testing.Tolerance;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BaselinesTest {
  // A mean of up to 81 floats, of means. Measured over random pictures: 4.5e-7.
  private static final Tolerance MEAN = Tolerance.relative(1e-5);

  @Test
  void none_withASmallerBudget_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeepAll().reduce(square(4), new Budget.Adaptive(0, 0.5)))
        .withMessageStartingWith("none keeps every token and takes no budget");
  }

  @Test
  void random_otherSeed_keepsOthers() {
    int[] first = new RandomChoice(1).reduce(square(12), Budget.ratio(0.5)).kept();

    assertThat(new RandomChoice(2).reduce(square(12), Budget.ratio(0.5)).kept())
        .isNotEqualTo(first);
    assertThat(first).contains(new RandomChoice(1).reduce(square(12), Budget.ratio(0.25)).kept());
  }

  @Test
  void random_keepsEveryTokenAboutEquallyOften() {
    int[] times = new int[16];
    for (int seed = 0; seed < 4000; seed++) {
      for (int i : new RandomChoice(seed).reduce(square(4), Budget.ratio(0.25)).kept()) {
        times[i]++;
      }
    }

    // 4000 draws with probability 1/4: a standard deviation is 27.
    assertThat(IntStream.of(times)).allMatch(count -> Math.abs(count - 1000) < 140);
  }

  @Test
  void uniformGrid_quarterOfASquare_isEverySecondRowAndColumn() {
    assertThat(new UniformGrid().reduce(square(4), Budget.ratio(0.25)).kept())
        .containsExactly(0, 2, 8, 10);
  }

  @Test
  void uniformGrid_oneToken_isTheMiddle() {
    assertThat(new UniformGrid().reduce(square(5), Budget.count(1)).kept()).containsExactly(12);
  }

  @Test
  void uniformGrid_sharesTheBudgetAmongTheTiles() {
    PatchTokens tokens = RandomTokens.of(1, RandomTokens.crops(2, 2, 4)).patchTokens(Set.of());
    PatchTokens kept = tokens.reduced(new UniformGrid().reduce(tokens, Budget.count(22)));

    assertThat(IntStream.range(0, 5).map(tile -> kept.ofTile(tile).length))
        .containsExactly(5, 5, 4, 4, 4);
  }

  @Test
  void uniformGrid_leavesNoGapWiderThanTheBudgetForces() {
    RandomTries.of(
        300,
        draws -> assertNoWiderGap(draws.integer(1, 14), draws.integer(1, 14), draws.anyLong()));
  }

  private static void assertNoWiderGap(int rows, int cols, long seed) {
    int n = rows * cols;
    int budget = 1 + (int) Math.floorMod(seed, (long) n);
    PatchTokens tokens = RandomTokens.of(1, RandomTokens.single(rows, cols)).patchTokens(Set.of());

    List<TokenPosition> kept =
        new UniformGrid().reduce(tokens, Budget.count(budget)).pick(tokens.positions());

    assertThat(kept).hasSize(budget);
    // Cells are at most about twice as long as they would be were they all square.
    double side = Math.max(Math.sqrt((double) n / budget), (double) Math.max(rows, cols) / budget);
    for (TokenPosition token : tokens.positions()) {
      double nearest =
          kept.stream()
              .mapToDouble(
                  k -> Math.max(Math.abs(k.row() - token.row()), Math.abs(k.col() - token.col())))
              .min()
              .orElseThrow();
      assertThat(nearest).isLessThanOrEqualTo(Math.ceil(side));
    }
  }

  @Test
  void averagePool_quarterOfASquare_isTheMeanOfTwoByTwo() {
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(2, 4),
            new Matrix(8, 1, new float[] {0, 2, 10, 20, 4, 6, 30, 40}),
            EvidenceSet.nothing());

    PatchTokens pooled = tokens.reduced(new AveragePool().reduce(tokens, Budget.count(2)));

    assertThat(pooled.features()).isEqualTo(Matrix.of(new float[] {3}, new float[] {25}));
    assertThat(pooled.patches()).containsExactly(4, 4);
    assertThat(pooled.positions())
        .containsExactly(new TokenPosition(0, 0, 0, 0), new TokenPosition(0, 0, 0, 2));
  }

  @Test
  void averagePool_losesNothingOfTheMean() {
    RandomTries.of(
        200, draws -> assertSameMean(draws.integer(1, 9), draws.integer(1, 9), draws.anyLong()));
  }

  private static void assertSameMean(int rows, int cols, long seed) {
    PatchTokens tokens =
        RandomTokens.of(seed, RandomTokens.single(rows, cols)).patchTokens(Set.of());
    int budget = 1 + (int) Math.floorMod(seed, (long) tokens.size());

    PatchTokens pooled = tokens.reduced(new AveragePool().reduce(tokens, Budget.count(budget)));

    assertThat(pooled.size()).isEqualTo(budget);
    assertThat(IntStream.of(pooled.patches()).sum()).isEqualTo(tokens.size());
    for (int c = 0; c < tokens.features().cols(); c++) {
      double mean = 0;
      for (int i = 0; i < budget; i++) {
        mean += (double) pooled.features().get(i, c) * pooled.patches()[i] / tokens.size();
      }
      assertClose(mean, tokens.features().columnMeans()[c], MEAN, "mean of feature %d", c);
    }
  }

  @Test
  void clsAttention_keepsTheHighestMeanOverHeads() {
    PatchTokens tokens =
        square(2)
            .with(
                new ClsAttention(-2),
                Attention.of(
                    Matrix.of(
                        new float[] {0.1f, 0.5f, 0, 0.2f}, new float[] {0.3f, 0, 0.1f, 0.2f})));

    TokenReduction reduction = new ClsAttentionPruner(-2).reduce(tokens, Budget.count(2));

    // Means 0.2, 0.25, 0.05, 0.2: token 1, then the earlier of 0 and 3.
    assertThat(reduction.kept()).containsExactly(0, 1);
  }

  @Test
  void textGuided_keepsTheTokenThatTheQuestionNames() {
    // One direction common to all tokens, and one of their own each.
    Matrix visual =
        Matrix.of(
            new float[] {9, 1, 0, 0},
            new float[] {9, 0, 1, 0},
            new float[] {9, 0, 0, 1},
            new float[] {9, 0, 0, 0});
    PatchTokens tokens =
        PatchTokens.encoded(RandomTokens.single(2, 2), visual, EvidenceSet.nothing());
    Matrix filler = Matrix.of(new float[] {5, 0.1f, 0.1f, 0.1f});
    Matrix asksForTheThird = Matrix.of(filler.row(0), new float[] {5, 0, 0, 2}, filler.row(0));
    Matrix asksForTheFirst = Matrix.of(filler.row(0), new float[] {5, 2, 0, 0}, filler.row(0));

    assertThat(guided(tokens, asksForTheThird)).containsExactly(2);
    assertThat(guided(tokens, asksForTheFirst)).containsExactly(0);
    assertThat(guided(tokens, Matrix.of(new float[] {0, 0, 3, 0}))).containsExactly(1);
  }

  private static int[] guided(PatchTokens tokens, Matrix question) {
    return new TextGuided(TextGuided.Guide.WORDS, 0.1)
        .reduce(tokens.with(new QuestionEmbeddings(), question), Budget.count(1))
        .kept();
  }

  private static PatchTokens square(int side) {
    return RandomTokens.of(1, RandomTokens.single(side, side)).patchTokens(Set.of());
  }
}
