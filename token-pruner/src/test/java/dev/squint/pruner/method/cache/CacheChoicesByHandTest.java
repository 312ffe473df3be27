package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Probes;
import dev.squint.pruner.Queries;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.AccumulatedAttention;
import dev.squint.pruner.evidence.LastLayerTokens;
import dev.squint.pruner.evidence.ProbeAttention;
import dev.squint.pruner.evidence.RecentQueries;
import dev.squint.pruner.method.cache.LookM.Merging;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows and channels policies keep, worked out by hand. */
class CacheChoicesByHandTest {
  /** Text, three visual rows, text. Rows 1 and 3 resemble row 4 most, row 2 is as row 0. */
  private static final Matrix KEYS =
      Matrix.of(
          new float[] {1, 0},
          new float[] {-4, 3},
          new float[] {2, 0},
          new float[] {5, 12},
          new float[] {0, 2});

  private static final boolean[] VISUAL = {false, true, true, true, false};

  private static CachedTokens pictures(Matrix... heads) {
    float[][] sums = new float[heads.length][heads[0].rows()];
    return Caches.of(
        List.of(heads),
        List.of(heads),
        VISUAL,
        EvidenceSet.nothing().with(new AccumulatedAttention(), Attention.of(Matrix.of(sums))));
  }

  private static void refuses(ThrowingCallable creation) {
    assertThatIllegalArgumentException().isThrownBy(creation);
  }

  /**
   * Cosines of rows 1, 2 and 3 with the nearest kept row are 0.6, 1 and 12/13, in the mean 0.84, so
   * row 1 is dropped unless all rows merge.
   *
   * <ul>
   *   <li>PIVOT: ([1, 0] + [1.5, 0]) / 2, and ([0, 2] + [-2, 2.5] + [2.5, 7]) / 3.
   *   <li>WEIGHTED: ([1, 0] + 1 [2, 0]) / 2, and ([0, 2] + 12/13 [5, 12]) / 2.
   *   <li>AVERAGED: ([1, 0] + [2, 0]) / 2, and ([0, 2] + [5, 12]) / 2.
   *   <li>AVERAGED_AS_CODED counts the merged rows from 0 among all three: row 1 instead of 2, row
   *       2 instead of 3: ([1, 0] + [-4, 3]) / 2, and ([0, 2] + [2, 0]) / 2.
   * </ul>
   */
  @ParameterizedTest
  @CsvSource({
    "PIVOT, 1, 1.25, 0, 0.16666667, 3.8333333",
    "WEIGHTED, -1, 1.5, 0, 2.3076923, 6.5384615",
    "AVERAGED, -1, 1.5, 0, 2.5, 7",
    "AVERAGED_AS_CODED, -1, -1.5, 1.5, 1, 1"
  })
  void lookM_mergesIntoTheNearestRow(
      Merging merging, int target, float a, float b, float c, float d) {
    CachedTokens cache = pictures(KEYS);

    TokenReduction rows =
        new LookM(merging, 0.5, true).decide(cache, Budget.count(2)).rows().get(0);

    assertThat(rows.kept()).containsExactly(0, 4);
    assertThat(rows.target()).containsExactly(0, target, 0, 1, 1);
    assertThat(rows.apply(KEYS).data()).containsExactly(new float[] {a, b, c, d}, within(1e-5f));
  }

  @Test
  void lookM_mergesTheSameRowsInEveryHead() {
    // Cosines of the second head: 1, 0.6 and 0.8; the means 0.8, 0.8 and 0.86 exceed 0.82 once.
    Matrix second =
        Matrix.of(
            new float[] {1, 0},
            new float[] {3, 0},
            new float[] {-4, 3},
            new float[] {4, 3},
            new float[] {0, 2});
    CachedTokens merged =
        pictures(KEYS, second)
            .reduced(
                new LookM(Merging.AVERAGED, 0.5, true)
                    .decide(pictures(KEYS, second), Budget.count(2))
                    .rows());

    assertThat(merged.keys().get(0))
        .isEqualTo(Matrix.of(new float[] {1, 0}, new float[] {2.5f, 7}));
    assertThat(merged.keys().get(1))
        .isEqualTo(Matrix.of(new float[] {2.5f, 1.5f}, new float[] {0, 2}));
  }

  @Test
  void lookM_withoutThePriorForText_keepsTheFirstFourRows() {
    Matrix keys = new Matrix(7, 1, new float[] {1, 1, 1, 1, 1, 1, 1});
    Matrix sums = Matrix.of(new float[] {0, 0, 0, 0, 8, 9, 0});
    CachedTokens cache =
        Caches.of(
            List.of(keys),
            List.of(keys),
            EvidenceSet.nothing().with(new AccumulatedAttention(), Attention.of(sums)));
    LookM one = new LookM(Merging.PIVOT, 1 / 6., false);

    // One newest row and five others; then a row for each row.
    assertThat(one.decide(cache, Budget.count(6)).rows().get(0).kept())
        .containsExactly(0, 1, 2, 3, 5, 6);
    assertThat(one.decide(cache, Budget.count(7)).rows().get(0).isIdentity()).isTrue();
    assertThat(one.operations(cache, one.decide(cache, Budget.count(7)))).isZero();
    refuses(() -> new LookM(Merging.PIVOT, -0.1, true));
    refuses(() -> new LookM(Merging.PIVOT, 1.1, true));
    assertThat(new LookM(Merging.PIVOT, 0, true).recent()).isZero();
    assertThat(new LookM(Merging.PIVOT, 1, true).recent()).isEqualTo(1);
  }

  /** A logit of 2 ln 2 for row 0 over the root of 4 channels: twice the attention of others. */
  private static CachedTokens asked() {
    Matrix keys = new Matrix(4, 4, new float[16]);
    keys.data()[0] = (float) (2 * Math.log(2));
    Matrix queries = Matrix.of(new float[] {1, 0, 0, 0}, new float[] {1, 0, 0, 0});
    return Caches.of(
        List.of(keys),
        List.of(keys),
        EvidenceSet.nothing().with(new RecentQueries(2), new Queries(List.of(queries))));
  }

  @Test
  void snapKv_addsUpWhatTheLastQueriesSee() {
    // The first query sees three rows, 1/2, 1/4, 1/4; the second four, 2/5 and three times 1/5.
    assertThat(new SnapKv(2, 1, SnapKv.Pool.MEAN).scores(asked(), 0))
        .containsExactly(new float[] {0.9f, 0.45f}, within(1e-6f));
    // Over three rows, of which the first is before the first row: 1.35 / 3.
    assertThat(new SnapKv(2, 3, SnapKv.Pool.MEAN).scores(asked(), 0))
        .containsExactly(new float[] {0.45f, 0.45f}, within(1e-6f));
    assertThat(new SnapKv(2, 3, SnapKv.Pool.MAX).scores(asked(), 0))
        .containsExactly(new float[] {0.9f, 0.9f}, within(1e-6f));
  }

  @Test
  void snapKv_keepsTheWindowAndTheBest() {
    SnapKv policy = new SnapKv(2, 3, SnapKv.Pool.MEAN);

    assertThat(policy.decide(asked(), Budget.count(3)).rows().get(0).kept())
        .containsExactly(0, 2, 3);
    CacheDecision all = policy.decide(asked(), Budget.count(4));
    assertThat(all.rows().get(0).isIdentity()).isTrue();
    assertThat(policy.operations(asked(), all)).isZero();
    // Fewer rows than the window: the newest.
    assertThat(policy.decide(asked(), Budget.count(1)).rows().get(0).kept()).containsExactly(3);
    // Two queries and four keys of 4: 64 + 32; sums of two before the window: 4; means of three:
    // 4 for each of two rows.
    CacheDecision three = policy.decide(asked(), Budget.count(3));
    assertThat(policy.operations(asked(), three)).isEqualTo(64 + 32 + 4 + 8);
    assertThat(new SnapKv(2, 3, SnapKv.Pool.MAX).operations(asked(), three)).isEqualTo(100);
    refuses(() -> new SnapKv(0, 1, SnapKv.Pool.MEAN));
    refuses(() -> new SnapKv(1, -1, SnapKv.Pool.MEAN));
    refuses(() -> new SnapKv(1, 2, SnapKv.Pool.MEAN));
    assertThat(new SnapKv(1, 1, SnapKv.Pool.MEAN).kernel()).isEqualTo(1);
  }

  @Test
  void thinK_multipliesMeanSquaresOfKeysAndQueries() {
    Matrix first = Matrix.of(new float[] {1, 2}, new float[] {3, 0});
    Matrix second = Matrix.of(new float[] {0, 1}, new float[] {2, 3});
    List<Matrix> queries =
        List.of(
            Matrix.of(new float[] {3, 0}),
            Matrix.of(new float[] {1, 2}),
            Matrix.of(new float[] {1, 0}),
            Matrix.of(new float[] {1, 2}));
    CachedTokens cache =
        Caches.of(
            List.of(first, second),
            List.of(first, second),
            EvidenceSet.nothing().with(new RecentQueries(1), new Queries(queries)));
    ThinK policy = new ThinK(1, 1);

    // Keys 5 and 2, queries 9 and 0, then 1 and 4: (45 + 5) / 2 and (0 + 8) / 2.
    assertThat(policy.scores(cache, 0)).containsExactly(25, 4);
    // Keys 2 and 5, queries 1 and 0, then 1 and 4: (2 + 2) / 2 and (0 + 20) / 2.
    assertThat(policy.scores(cache, 1)).containsExactly(2, 10);
    CacheDecision decision = policy.decide(cache, Budget.count(1));
    assertThat(decision.keyChannels()).containsExactly(new int[] {0}, new int[] {1});
    assertThat(decision.denseRows()).isEqualTo(1);
    assertThat(new ThinK(1, 9).decide(cache, Budget.count(1)).denseRows()).isEqualTo(2);
    assertThat(policy.stores()).isTrue();
    refuses(() -> new ThinK(0, 0));
    refuses(() -> new ThinK(1, -1));
    assertThat(new ThinK(1, 0).recent()).isZero();
  }

  @Test
  void zipVl_keepsTheFewestRowsThatHoldTheMass() {
    // Sums 0.625, 0.75, 0.125, 0.5 over two queries; rows 2 and 3 are seen by one alone.
    Probes probes =
        new Probes(
            new int[] {1, 3},
            Matrix.of(new float[] {0.5f, 0.5f, 0, 0}, new float[] {0.125f, 0.25f, 0.125f, 0.5f}));
    CachedTokens cache =
        Caches.of(
            Caches.blank(1, 4),
            Caches.blank(1, 4),
            EvidenceSet.nothing().with(new ProbeAttention(1, 1), probes));

    assertThat(ZipVl.seen(probes)).containsExactly(2, 2, 1, 1);
    assertThat(ZipVl.normalised(probes)).containsExactly(0.3125f, 0.375f, 0.125f, 0.5f);
    // Two rows hold 1.375 of 2, which is exactly 0.6875.
    ZipVl dropping = new ZipVl(0.6875, ZipVl.Others.DROPPED, 1, 1);
    assertThat(dropping.count(probes)).isEqualTo(2);
    assertThat(new ZipVl(0.69, ZipVl.Others.DROPPED, 1, 1).count(probes)).isEqualTo(3);
    assertThat(dropping.decide(cache, Budget.adaptive()).rows().get(0).kept())
        .containsExactly(1, 3);
    assertThat(dropping.decide(cache, Budget.count(3)).rows().get(0).kept())
        .containsExactly(0, 1, 3);
    ZipVl coding = new ZipVl(0.6875, ZipVl.Others.IN_FEWER_BITS, 1, 1);
    assertThat(coding.decide(cache, Budget.adaptive()).storage())
        .isEqualTo(new MixedPrecision(new int[] {1, 3}, 4, 2));
    assertThat(dropping.cuts(4)).containsExactly(1, 2, 3);
    assertThat(coding.cuts(4)).isEmpty();
    assertThat(dropping.stores()).isFalse();
    assertThat(coding.stores()).isTrue();
    // Sums and means of two rows of four; for codes 7 of each of four numbers and a root.
    double sums = 2 * 3 * 4;
    assertThat(dropping.operations(cache, dropping.decide(cache, Budget.adaptive())))
        .isEqualTo(sums);
    assertThat(coding.operations(cache, coding.decide(cache, Budget.adaptive())))
        .isEqualTo(sums + 7 * 4 + 1);
  }

  @Test
  void zipVl_refusesAMassOrQueriesThatDecideNothing() {
    refuses(() -> new ZipVl(0, ZipVl.Others.DROPPED, 1, 1));
    refuses(() -> new ZipVl(1.1, ZipVl.Others.DROPPED, 1, 1));
    refuses(() -> new ZipVl(1, ZipVl.Others.DROPPED, -1, 2));
    refuses(() -> new ZipVl(1, ZipVl.Others.DROPPED, 2, -1));
    refuses(() -> new ZipVl(1, ZipVl.Others.DROPPED, 0, 0));
    assertThat(new ZipVl(1, ZipVl.Others.DROPPED, 0, 1).mass()).isEqualTo(1);
    assertThat(new ZipVl(1, ZipVl.Others.DROPPED, 1, 0).recent()).isEqualTo(1);
  }

  @Test
  void mustDropCache_keepsTheTokensOfTheLastLayer_fromALayerOn() {
    MustDropCache policy = new MustDropCache(2);

    assertThat(policy.decide(layer(1), Budget.adaptive()).rows().get(0).isIdentity()).isTrue();
    assertThat(policy.decide(layer(2), Budget.adaptive()).rows().get(0).kept())
        .containsExactly(1, 3);
    assertThat(policy.cuts(3)).containsExactly(2);
    assertThat(policy.cuts(2)).isEmpty();
    assertThat(new MustDropCache(0).cuts(2)).isEmpty();
  }

  /** Rows of tokens 0, 2, 3 and 5; the last layer has tokens 2 and 5. */
  private static CachedTokens layer(int layer) {
    return new CachedTokens(
        layer,
        Caches.blank(1, 4),
        Caches.blank(1, 4),
        List.of(new int[] {0, 2, 3, 5}),
        new boolean[6],
        4,
        EvidenceSet.nothing().with(new LastLayerTokens(), new int[] {2, 5}));
  }

  @Test
  void streamingLlm_leavesRoomForWhatComes() {
    StreamingLlm policy = new StreamingLlm(2, true);

    // Two sinks; of the newest four rows, two make room.
    assertThat(policy.kept(9, 6, 2)).containsExactly(0, 1, 7, 8);
    assertThat(policy.kept(4, 6, 2)).containsExactly(0, 1, 2, 3);
    assertThat(policy.every()).isEqualTo(1);
    assertThat(policy.positionsInCache()).isTrue();
    assertThat(new StreamingLlm(0, false).positionsInCache()).isFalse();
    refuses(() -> new StreamingLlm(-1, true));
  }

  @Test
  void h2o_decidesAfterEveryToken() {
    assertThat(new H2o(0).every()).isEqualTo(1);
    assertThat(new H2o(1).recent()).isEqualTo(1);
    refuses(() -> new H2o(-0.1));
    refuses(() -> new H2o(1.1));
    CachedTokens cache =
        Caches.of(
            Caches.blank(1, 2),
            Caches.blank(1, 2),
            EvidenceSet.nothing()
                .with(new AccumulatedAttention(), Attention.of(Matrix.of(new float[] {1, 2}))));
    assertThat(new H2o(0.5).decide(cache, Budget.count(2)).rows().get(0).isIdentity()).isTrue();
  }
}
