package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.evidence.AccumulatedAttention;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Records of the pruner and the sums that they take, worked out by hand. */
class ValuesByHandTest {

  private static Matrix column(float... values) {
    return new Matrix(values.length, 1, values);
  }

  @Test
  void skippedTokensAreWeighed_andProcessedOnesAddUp() {
    Matrix input = Matrix.of(new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 6});
    Routing routing =
        new Routing(new int[] {0, 2}, new float[] {2, 0.5f, 3}, Continuation.KEEP_POSITIONS);
    Matrix residual = Matrix.of(new float[] {10, 20}, new float[] {30, 40});
    Matrix mlp = Matrix.of(new float[] {1, 2}, new float[] {3, 4});

    // 10 + 2 * 1, 20 + 2 * 2; half of 3 and 4; 30 + 3 * 3, 40 + 3 * 4.
    assertThat(routing.combine(input, residual, mlp))
        .isEqualTo(Matrix.of(new float[] {12, 24}, new float[] {1.5f, 2}, new float[] {39, 52}));
    assertThat(routing.scattered(input, residual))
        .isEqualTo(Matrix.of(new float[] {10, 20}, new float[] {3, 4}, new float[] {30, 40}));
    assertThat(routing.isUnweighted()).isFalse();
    assertThat(Routing.everything(2).isUnweighted()).isTrue();
    assertThat(Routing.everything(2).processed()).containsExactly(0, 1);
    assertThat(routing).hasToString("Routing[2 of 3 tokens, KEEP_POSITIONS]");
  }

  @Test
  void routingsDifferByTokensWeightsAndPositions() {
    Routing one = new Routing(new int[] {0}, new float[] {1, 1}, Continuation.RENUMBER);

    assertThat(one)
        .isEqualTo(new Routing(new int[] {0}, new float[] {1, 1}, Continuation.RENUMBER))
        .isNotEqualTo(new Routing(new int[] {1}, new float[] {1, 1}, Continuation.RENUMBER))
        .isNotEqualTo(new Routing(new int[] {0}, new float[] {1, 2}, Continuation.RENUMBER))
        .isNotEqualTo(new Routing(new int[] {0}, new float[] {1, 1}, Continuation.RESTART))
        .isNotEqualTo("Routing");
    // 31 * (31 + 0), and (31 + b) * 31 + b of the bits b of 1.
    int bits = Float.floatToIntBits(1);
    assertThat(one.hashCode()).isEqualTo(31 * 31 + (31 + bits) * 31 + bits);
  }

  @Test
  void columnsTakeTheWeightsOfTheFeatures() {
    TokenReduction mixed =
        TokenReduction.mix(
            new int[] {1, 2},
            new int[] {0, 0, 1},
            new int[][] {{0, 1}, {2, 0}},
            new float[][] {{0.25f, 0.5f}, {2, 1}});
    Matrix perHead = Matrix.of(new float[] {4, 8, 1}, new float[] {0, 2, 3});

    // 4 / 4 + 8 / 2 and 2 * 1 + 4; then 0 + 1 and 6 + 0.
    assertThat(mixed.applyColumns(perHead))
        .isEqualTo(Matrix.of(new float[] {5, 6}, new float[] {1, 6}));
    assertThat(mixed.sumColumns(perHead))
        .isEqualTo(Matrix.of(new float[] {12, 1}, new float[] {2, 3}));
    assertThat(mixed).hasToString("TokenReduction[3 -> 2, merging]");
    assertThat(TokenReduction.keep(3, new int[] {1})).hasToString("TokenReduction[3 -> 1]");
  }

  @Test
  void otherNumbersOfTokensAreRefused() {
    TokenReduction keep = TokenReduction.keep(3, new int[] {0, 1});
    Matrix two = new Matrix(1, 4, new float[4]);

    for (Runnable application :
        List.<Runnable>of(
            () -> keep.apply(new Matrix(4, 1, new float[4])),
            () -> keep.applyColumns(two),
            () -> keep.sumColumns(two),
            () -> keep.sum(new int[4]),
            () -> keep.pick(List.of(1, 2, 3, 4)),
            () -> TokenReduction.keepAll(4).then(keep),
            () -> TokenReduction.ofParts(5, List.of(new int[] {0, 1, 2, 3}), List.of(keep)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(application::run)
          .withMessage("a reduction of 3 tokens cannot be applied to 4");
    }
    for (int[] wrong : new int[][] {{1, 1}, {1, 0}, {2, 3}, {-1, 0}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TokenReduction.keep(3, wrong))
          .withMessageContaining("must ascend within [0, 3)");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TokenReduction.mix(
                    new int[] {1}, new int[] {0, -1}, new int[][] {{0}}, new float[][] {{1}}))
        .withMessage("token 1 represents group 0 but belongs to group -1");
  }

  @Test
  void partsKeepTheirSources_andOthersAreDropped() {
    TokenReduction pair = TokenReduction.merge(new int[] {1}, new int[] {0, 0}, new int[] {1, 3});

    TokenReduction whole = TokenReduction.ofParts(4, List.of(new int[] {1, 3}), List.of(pair));

    assertThat(whole.target()).containsExactly(-1, 0, -1, 0);
    assertThat(whole.kept()).containsExactly(3);
    // A quarter of 8 and three quarters of 4.
    assertThat(whole.apply(column(100, 8, 100, 4)).data()).containsExactly(5);
    // Merged, then halved with what was dropped before: no sources of weight 0.
    assertThat(whole.then(TokenReduction.keepAll(1)).operations(1)).isEqualTo(4);
  }

  @Test
  void dotsWithAFewRows_areThoseOfTheRows() {
    // Row i is (i, 1, 10 i), so the product of rows i and j is 101 i j + 1.
    float[][] rows = new float[7][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {i + 1, 1, 10 * (i + 1)};
    }
    Matrix matrix = Matrix.of(rows);
    int[] others = {9, 6, 1, 3, 0, 5, 2, 9};
    float[] out = new float[8];
    Arrays.fill(out, -1);

    new PackedRows(matrix).dot(matrix, 2, others, 1, 7, out);

    // i = 3 and j = 7, 2, 4, 1, 6, 3.
    assertThat(out).containsExactly(2122, 607, 1213, 304, 1819, 910, -1, -1);
  }

  @Test
  void matricesDifferByShapeAndValues() {
    Matrix matrix = new Matrix(1, 2, new float[] {0, 0});

    assertThat(matrix)
        .isNotEqualTo(new Matrix(2, 1, new float[] {0, 0}))
        .isNotEqualTo(new Matrix(1, 2, new float[] {0, 1}))
        .isNotEqualTo("Matrix");
    // 31 (31 rows + cols), and 31 squared for two zeros.
    assertThat(matrix.hashCode()).isEqualTo(31 * (31 + 2) + 31 * 31);
    Matrix none = new Matrix(0, 3, new float[0]);
    assertThat(Matrix.stacked(List.of(none, matrix)).cols()).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Matrix.stacked(List.of(matrix, new Matrix(1, 1, new float[1]))))
        .withMessageContaining("rows of 1 floats cannot be stacked below rows of 2");
  }

  @Test
  void probesAndLogitsDifferByTheirParts() {
    Matrix zero = new Matrix(1, 1, new float[1]);
    Matrix one = new Matrix(1, 1, new float[] {1});
    Probes probes = new Probes(new int[] {3}, zero);
    PromptLogits logits = new PromptLogits(List.of(zero), new int[] {0});
    // 31 * 31 + 1 of the shape and 31 of the zero, for the matrix; 31 + 3 for the query.
    int ofMatrix = 31 * (31 + 1) + 31;

    assertThat(zero.hashCode()).isEqualTo(ofMatrix);
    assertThat(probes)
        .isEqualTo(new Probes(new int[] {3}, zero))
        .isNotEqualTo(new Probes(new int[] {2}, zero))
        .isNotEqualTo(new Probes(new int[] {3}, one))
        .isNotEqualTo("Probes")
        .hasToString("Probes[1 queries, Matrix[1 x 1]]");
    assertThat(probes.hashCode()).isEqualTo(31 * (31 + 3) + ofMatrix);
    assertThat(logits)
        .isEqualTo(new PromptLogits(List.of(zero), new int[] {0}))
        .isNotEqualTo(new PromptLogits(List.of(one), new int[] {0}))
        .isNotEqualTo(new PromptLogits(List.of(zero), new int[0]))
        .isNotEqualTo("PromptLogits")
        .hasToString("PromptLogits[1 tokens, 1 of them visual]");
    assertThat(logits.hashCode()).isEqualTo(31 * (31 + ofMatrix) + 31);
  }

  @Test
  void weightsAreFoundByName() {
    Matrix one = new Matrix(1, 1, new float[] {1});
    TrainedWeights weights = new TrainedWeights(Map.of("gate", one));

    assertThat(weights.has("gate")).isTrue();
    assertThat(weights.has("gain")).isFalse();
    assertThat(weights.tensors()).containsOnlyKeys("gate");
    assertThat(weights)
        .isEqualTo(new TrainedWeights(Map.of("gate", one)))
        .hasSameHashCodeAs(Map.of("gate", one))
        .isNotEqualTo(new TrainedWeights(Map.of("gain", one)))
        .isNotEqualTo("TrainedWeights")
        .hasToString("TrainedWeights{gate=Matrix[1 x 1]}");
  }

  private static CachedTokens cache(int values, int tokens, EvidenceSet observed) {
    return new CachedTokens(
        7,
        List.of(column(1, 2)),
        Collections.nCopies(values, column(3, 4)),
        Collections.nCopies(tokens, new int[] {0, 2}),
        new boolean[] {true, false},
        5,
        observed);
  }

  @Test
  void cachesNeedAsManyHeadsAndRowsOfAll() {
    CachedTokens cache = cache(1, 1, EvidenceSet.nothing());

    assertThat(cache.layer()).isEqualTo(7);
    assertThat(cache.promptTokens()).isEqualTo(5);
    assertThat(cache.observed().kinds()).isEmpty();
    // Token 2 belongs to the answer, after the two of the prompt.
    assertThat(cache.visual(0)).containsExactly(true, false);
    assertThat(cache).hasToString("CachedTokens[layer 7, 1 heads of 2 rows, []]");
    for (int[] wrong : new int[][] {{2, 1}, {1, 2}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cache(wrong[0], wrong[1], EvidenceSet.nothing()))
          .withMessageContaining("must have the same number of heads");
    }
    EvidenceSet ofThree =
        EvidenceSet.nothing()
            .with(new AccumulatedAttention(), Attention.of(new Matrix(1, 3, new float[3])));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache(1, 1, ofThree))
        .withMessageContaining("has values for 3 tokens but there are 2");
    // Keys and values of one head with two rows of one float.
    assertThat(CacheStorage.FLOAT32.store(cache).bytes()).isEqualTo(16);
    assertThat(CacheStorage.FLOAT32).hasToString("FLOAT32");
  }

  /** A policy and a method that leave everything as it is said. */
  private record Plain() implements CachePolicy, Pruner<TokenSet> {
    @Override
    public Set<Evidence<?>> needs() {
      return Set.of();
    }

    @Override
    public CacheDecision decide(CachedTokens cache, Budget budget) {
      return CacheDecision.keepAll(cache);
    }

    @Override
    public double operations(CachedTokens cache, CacheDecision decision) {
      return 0;
    }

    @Override
    public TokenReduction reduce(TokenSet tokens, Budget budget) {
      return TokenReduction.keepAll(tokens.size());
    }
  }

  @Test
  void methodsKeepPositionsAndPictures_unlessTheySayOtherwise() {
    Plain plain = new Plain();
    TokenSet tokens =
        PatchTokens.encoded(
            List.of(Tile.global(0, 1, 3)), new Matrix(3, 4, new float[12]), EvidenceSet.nothing());

    assertThat(plain.continuation()).isEqualTo(Continuation.KEEP_POSITIONS);
    assertThat(plain.pictureShare(Budget.adaptive())).isEqualTo(1);
    assertThat(plain.keepsPlaces()).isFalse();
    assertThat(plain.additions()).isEmpty();
    // A multiplication and an addition for each of three times four values.
    assertThat(plain.operations(tokens, Budget.adaptive(), TokenReduction.keepAll(3)))
        .isEqualTo(24);
    assertThat(plain.positionsInCache()).isFalse();
    assertThat(plain.stores()).isFalse();
    assertThat(plain.cuts(4)).isEmpty();
    assertThat(plain.every()).isZero();
  }

  @Test
  void pointsAndInputsAreNamed() {
    assertThat(Point.insideEncoder(2)).hasToString("encoder2");
    assertThat(Point.Kind.INSIDE_ENCODER).hasToString("encoderK");
    assertThat(Point.Kind.CACHE).hasToString("cache");
    Matrix one = new Matrix(1, 1, new float[1]);
    assertThat(new LayerInput(0, one, new int[0], 0).decoding()).isTrue();
    assertThat(new LayerInput(0, one, new int[0], -1).decoding()).isFalse();
  }

  @Test
  void aScorerKeepsTheHighestScores() {
    TokenScorer<TokenSet> scorer = tokens -> new float[] {1, 3, 2};
    TokenSet tokens =
        PatchTokens.encoded(
            List.of(Tile.global(0, 1, 3)), new Matrix(3, 1, new float[3]), EvidenceSet.nothing());

    assertThat(scorer.reduce(tokens, Budget.count(2)).kept()).containsExactly(1, 2);
  }
}
