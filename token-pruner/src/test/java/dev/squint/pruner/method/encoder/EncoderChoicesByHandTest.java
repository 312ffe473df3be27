package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.AnyRes;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.evidence.FrameRelevance;
import dev.squint.pruner.evidence.JointImageEmbeddings;
import dev.squint.pruner.evidence.JointTextEmbeddings;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What methods after the encoder keep, and by which scores, worked out by hand. */
class EncoderChoicesByHandTest {

  @Test
  void cdPruner_measuresWhatIsNotYetInTheSpan() {
    // b and c are 0.6 and 0.8 away from a, at a right angle to each other; e is as b is away, but
    // half as relevant. After a and c, b has 0.36 * 0.98 left and e 0.25. Without c's part along a
    // taken off, b would have nothing left. After b nothing is left of e, which is the last.
    Matrix features =
        Matrix.of(
            new float[] {1, 0, 0},
            new float[] {0.8f, 0.6f, 0},
            new float[] {0.6f, 0, 0.8f},
            new float[] {0, 1, 0});
    float[] relevances = {1, 0.99f, 0.99f, 0.5f};

    assertThat(CdPruner.greedy(features, relevances, 3)).containsExactly(0, 2, 1);
    assertThat(CdPruner.greedy(features, relevances, 4)).containsExactly(0, 2, 1, 3);
  }

  /** Cosines with the two texts are 1 and 0.6, 0 and 0.8, 0.6 and 1. */
  private static PatchTokens joint() {
    Matrix images = Matrix.of(new float[] {1, 0}, new float[] {0, 2}, new float[] {0.6f, 0.8f});
    Matrix texts = Matrix.of(new float[] {3, 0}, new float[] {0.6f, 0.8f});
    return PatchTokens.encoded(
        RandomTokens.single(1, 3),
        Matrix.of(new float[] {1, 0}, new float[] {0, 1}, new float[] {1, 1}),
        EvidenceSet.nothing()
            .with(new JointImageEmbeddings(), images)
            .with(new JointTextEmbeddings(), texts));
  }

  @Test
  void cdPruner_findsTheLeastSimilarPatchesRelevant() {
    CdPruner method = new CdPruner(CdPruner.Relevance.JOINT);

    // Means 0.8, 0.4 and 0.8, so 0, 0.4 and 0 above the least, by 0.4; a millionth is added.
    assertThat(method.relevances(joint()))
        .containsExactly(new float[] {2.5e-6f, 1.0000025f, 2.5e-6f}, within(1e-6f));
    // Of the others nothing is left beside the second; the first of them follows.
    assertThat(method.reduce(joint(), Budget.count(2)).kept()).containsExactly(0, 1);
    assertThat(method.reduce(joint(), Budget.count(3)).isIdentity()).isTrue();
    // Unit rows 24, squares 3, one row of the kernel 12 + 6, one pick 9; for the relevance unit
    // rows 24 and 16, cosines 24, means 9, scaling 9.
    TokenReduction one = method.reduce(joint(), Budget.count(1));
    assertThat(method.operations(joint(), Budget.count(1), one))
        .isEqualTo(24 + 3 + 18 + 9 + 24 + 16 + 24 + 9 + 9);
  }

  @Test
  void holoV_raisesStripsOfDifferentTokens() {
    // Cosines 0.6, 0 and 0.8. Variances with the zero of each token itself: 0.135, 0.255 and 0.24,
    // in the mean 0.21. A strip of one token has none.
    Matrix features =
        Matrix.of(
            new float[] {1, 0}, new float[] {0.6f, 0.8f}, new float[] {0, 1}, new float[] {1, 0});

    double[] scores =
        new HoloV(2, 2).scores(features, new float[] {0.2f, 0.4f, 0.6f, 0.5f}, new int[] {0, 3, 4});

    // Floats of the attention are exact to 3e-8, times a thousand.
    assertThat(scores[0]).isCloseTo(400 * (1 + 2 * 0.21 / 0.210001), within(1e-4));
    assertThat(scores[1]).isEqualTo(500);
    // Exact numbers show the floor: cosines 0, 1 and 0 have variances 0.375, 0 and 0.375.
    Matrix twins = Matrix.of(new float[] {1, 0}, new float[] {0, 1}, new float[] {1, 0});
    assertThat(new HoloV(1, 2).scores(twins, new float[] {0.25f, 0.5f, 0.75f}, new int[] {0, 3})[0])
        .isCloseTo(500 * (1 + 2 * 0.25 / 0.250001), within(1e-9));
  }

  @Test
  void holoV_givesTheFirstStripsOneTokenMore() {
    // Strips of 3, 2 and 2 tokens whose means are all 0.2, so each keeps its best.
    float[] attention = {0.4f, 0.1f, 0.1f, 0.1f, 0.3f, 0.1f, 0.3f};
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, 7),
            new Matrix(7, 1, new float[] {1, 1, 1, 1, 1, 1, 1}),
            EvidenceSet.nothing().with(new ClsAttention(-1), Attention.of(Matrix.of(attention))));

    assertThat(new HoloV(3, 0).reduce(tokens, Budget.count(3)).kept()).containsExactly(0, 4, 6);
  }

  private static PatchTokens attended(List<Tile> tiles, float... early) {
    int n = tiles.stream().mapToInt(Tile::tokens).sum();
    float[] first = new float[n];
    System.arraycopy(early, 0, first, 0, early.length);
    float[] last = new float[n];
    for (int i = 0; i < n; i++) {
      last[i] = i;
    }
    return PatchTokens.encoded(
        tiles,
        new Matrix(n, 1, new float[n]),
        EvidenceSet.nothing()
            .with(new ClsAttention(0), Attention.of(Matrix.of(first)))
            .with(new ClsAttention(-1), Attention.of(Matrix.of(last))));
  }

  /** A global view of four tokens and four crops of four; later tokens are attended to more. */
  @Test
  void hiRed_asCoded_countsMarkedTokensOfStripsOfTheGlobalView() {
    PatchTokens tokens = attended(AnyRes.tiles(0, 2, 2, 2, 100, 100), 0.4f, 0.1f, 0.3f, 0.2f);
    HiRed method = new HiRed(Variant.CODE, 0.25);

    // Of 10 the global view has 2, the crops 8. Three of its tokens are marked, all but the second:
    // a third of 8, rounded down, for the crops but the second.
    for (Budget half : List.of(Budget.ratio(0.5), Budget.count(10))) {
      assertThat(method.reduce(tokens, half).kept()).containsExactly(2, 3, 6, 7, 14, 15, 18, 19);
    }
    assertThat(method.marked(tokens, PictureTiles.of(tokens).get(0))).containsExactly(0, 2, 3);
    // All for the global view, which has room for 4: none is marked, and the crops share evenly.
    assertThat(new HiRed(Variant.CODE, 1).reduce(tokens, Budget.count(10)).kept())
        .containsExactly(0, 1, 2, 3, 7, 11, 15, 19);
    assertThat(method.reduce(tokens, Budget.count(20)).isIdentity()).isTrue();
    // 19 of 20: 4 and 15, of which a third is 5, but a crop has 4.
    assertThat(method.reduce(tokens, Budget.count(19)).kept())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19);
  }

  @Test
  void hiRed_leavesPaddingOutOrForTheEnd() {
    // The lower row of a view without crops is padding.
    PatchTokens tokens = attended(List.of(new Tile(0, 2, 2, null, new Tile.Area(0, 0, 1, 2))));

    assertThat(new HiRed(Variant.CODE, 0.5).reduce(tokens, Budget.count(3)).kept())
        .containsExactly(1);
    assertThat(new HiRed(Variant.PAPER, 0.5).reduce(tokens, Budget.count(2)).kept())
        .containsExactly(0, 1);
    assertThat(new HiRed(Variant.PAPER, 0.5).reduce(tokens, Budget.count(3)).kept())
        .containsExactly(0, 1, 2);
  }

  @Test
  void inPlace_keepsTokensAndPlaces() {
    PatchTokens tokens = attended(RandomTokens.single(1, 2));

    assertThat(new InPlace().keepsPlaces()).isTrue();
    assertThat(new InPlace().reduce(tokens, Budget.adaptive()).isIdentity()).isTrue();
  }

  private static PatchTokens relevant(List<Tile> tiles, float... relevance) {
    int n = tiles.stream().mapToInt(Tile::tokens).sum();
    return PatchTokens.encoded(
        tiles,
        new Matrix(n, 1, new float[n]),
        EvidenceSet.nothing().with(new FrameRelevance(), Matrix.of(relevance)));
  }

  @Test
  void quota_limitsWeightsToTheirCaps() {
    // 0.3 too much for the first. The second gets 2 / 7 of it, of which its cap leaves 0.05; the
    // third a seventh of the excess, to which the second's is added.
    double[] weights = {0.7, 0.2, 0.1};
    Quota.cap(weights, new double[] {0.4, 0.25, 1});

    double excess = 0.3 + 0.2 + 0.2 * 0.3 / 0.7 - 0.25;
    assertThat(weights)
        .containsExactly(new double[] {0.4, 0.25, 0.1 + 0.1 * excess / 0.7}, within(1e-12));
    double[] zeros = new double[2];
    Quota.cap(zeros, new double[] {1, 1});
    assertThat(zeros).containsExactly(0, 0);
    // Squares 1 and 9; equal parts of nothing.
    assertThat(Quota.weights(new double[] {0.1, 0.3}))
        .containsExactly(new double[] {0.1, 0.9}, within(1e-12));
    assertThat(Quota.weights(new double[2])).containsExactly(0.5, 0.5);
  }

  @Test
  void quota_givesFramesTheirShares() {
    Quota spread = new Quota(Quota.Resizing.SPREAD);
    List<Tile> frames = RandomTokens.frames(3, 2, 2);

    // Weights 9, 1 and 1 of 11 of 8 tokens; a frame has 4, so the others get 1.07 each.
    assertThat(spread.reduce(relevant(frames, 0.9f, 0.3f, 0.3f), Budget.count(8)).kept())
        .containsExactly(0, 1, 2, 3, 4, 8);
    // No weight of 9, 25 and 16 of 50 makes a token; the heaviest frame gets it.
    assertThat(spread.reduce(relevant(frames, 0.3f, 0.5f, 0.4f), Budget.count(1)).kept())
        .containsExactly(4);
    assertThat(spread.reduce(relevant(frames, 1, 1, 1), Budget.count(12)).isIdentity()).isTrue();
    // Two tokens are a grid of 2 x 1, but the frame has one row: 1 x 2.
    assertThat(
            new Quota(Quota.Resizing.POOL)
                .reduce(relevant(RandomTokens.single(1, 4), 1), Budget.count(2))
                .target())
        .containsExactly(0, 0, 1, 1);
  }

  @Test
  void pruMerge_asCoded_leavesTheClsTokenItsShare() {
    // Logits by the root of 4: ln 2, 0 and for the CLS token ln 3, so 2, 1 and 3 of 6. In the
    // second tile the query is 0, so each has a third.
    float two = (float) Math.log(2);
    Matrix keys =
        Matrix.of(new float[] {two, 0, 0, 0}, new float[4], new float[] {9, 0, 0, 0}, new float[4]);
    Matrix queries = Matrix.of(new float[] {2, 0, 0, 0}, new float[4]);
    Matrix own = Matrix.of(new float[] {(float) Math.log(3), 0, 0, 0}, new float[] {5, 0, 0, 0});
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.frames(2, 1, 2),
            keys,
            EvidenceSet.nothing()
                .with(new EncoderKeys(-1), new Keys(keys, 1))
                .with(new ClsQueryAndKey(-1), new ClsToken(queries, own)));

    assertThat(new PruMerge(Variant.CODE, false).attention(tokens))
        .containsExactly(new float[] {2 / 6f, 1 / 6f, 1 / 3f, 1 / 3f}, within(1e-6f));
  }

  @Test
  void textGuided_weighsWordsByTheTokenThatShowsThemBest() {
    // Cosines 1 and 0.6, 0 and 0.8; less the means 0.5 and 0.7 of the words: 0.5 and -0.1, -0.5
    // and 0.1. The best, 0.5 and 0.1, differ by one temperature: weights e / (1 + e), 1 / (1 + e).
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, 2),
            Matrix.of(new float[] {2, 0}, new float[] {0, 1}),
            EvidenceSet.nothing()
                .with(
                    new QuestionEmbeddings(),
                    Matrix.of(new float[] {3, 0}, new float[] {0.6f, 0.8f})));
    float score = (float) ((0.5 * Math.E - 0.1) / (1 + Math.E));

    assertThat(new TextGuided(TextGuided.Guide.WORDS, 0.4).score(tokens))
        .containsExactly(new float[] {score, -score}, within(1e-6f));
  }

  @Test
  void visionZip_asCoded_addsTheMeanOfTheOthers() {
    Matrix keys =
        Matrix.of(
            new float[] {1, 0},
            new float[] {1, 0},
            new float[] {0, 1},
            new float[] {0, 1},
            new float[] {1, 0},
            new float[] {1, 0});
    Matrix features = new Matrix(6, 1, new float[] {9, 1, 2, 4, 3, 5});
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.single(1, 6),
            features,
            EvidenceSet.nothing()
                .with(new ClsAttention(-1), Attention.of(Matrix.of(new float[] {1, 0, 0, 0, 0, 0})))
                .with(new EncoderKeys(-1), new Keys(keys, 1)));

    TokenReduction reduction = new VisionZip(Variant.CODE, 0.6).reduce(tokens, Budget.count(3));

    // Token 0 is dominant; of the others the first and the third are targets. 1 + (3 + 5) / 2, as
    // 4 and 5 join it, and 4 + 2.
    assertThat(reduction.kept()).containsExactly(0, 1, 3);
    assertThat(reduction.apply(features).data()).containsExactly(9, 5, 6);
    assertThat(new VisionZip(Variant.PAPER, 0).reduce(tokens, Budget.count(2)).target())
        .containsExactly(0, 1, -1, -1, -1, -1);
  }

  @Test
  void holiTom_savesMostTokens_theFirstWindowsBest() {
    List<int[]> pairs = List.of(new int[] {0, 1}, new int[] {2, 3}, new int[] {4, 5});

    // Frame 1 saves both of its tokens. With frame 2 a window saves 2 too, of one token twice.
    assertThat(HoliTom.windows(pairs, new int[] {0, 0, 1, 1, 0, 2}))
        .containsExactly(new int[] {0, 1}, new int[] {2, 2});
    // Two tokens twice are 4.
    assertThat(HoliTom.windows(pairs, new int[] {0, 0, 1, 1, 2, 2}))
        .containsExactly(new int[] {0, 2});
    List<int[]> single = List.of(new int[] {0}, new int[] {1}, new int[] {2}, new int[] {3});
    assertThat(HoliTom.windows(single, new int[] {0, 1, 0, 1}))
        .containsExactly(new int[] {0, 1}, new int[] {2, 3});
  }

  @Test
  void holiTom_asCoded_roundsStillPlacesAndRaisesOthers() {
    // The first place stays as it is, the second changes: three groups of one.
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.frames(2, 1, 2),
            Matrix.of(
                new float[] {1, 0}, new float[] {0, 1}, new float[] {1, 0}, new float[] {1, 0}),
            EvidenceSet.nothing()
                .with(new ClsAttention(-1), Attention.of(Matrix.of(new float[] {1, 2, 3, 4}))));
    HoliTom method = new HoliTom(Variant.CODE, 0.9, 7, 0.6);

    // Half of four tokens is two thirds of the three that are left: 1 of each.
    for (Budget half : List.of(Budget.ratio(0.5), Budget.count(2))) {
      assertThat(method.reduce(tokens, half).kept()).hasSize(3).contains(1, 3);
    }
    assertThat(method.reduce(tokens, Budget.count(4)).isIdentity()).isTrue();
  }
}
