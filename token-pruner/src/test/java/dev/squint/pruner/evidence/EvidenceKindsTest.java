package dev.squint.pruner.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.squint.pruner.Attention;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Evidence.Part;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Keys;
import dev.squint.pruner.Logits;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Probes;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.Queries;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TextToText;
import dev.squint.pruner.Tile;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.maths.RelevanceHead;
import dev.squint.pruner.method.tiles.Downsample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** What each kind of evidence does with its values: choosing, joining, checking, measuring. */
class EvidenceKindsTest {
  private static final TokenReduction SECOND = TokenReduction.keep(2, new int[] {1});

  private static Matrix matrix(int rows, int cols, float... values) {
    return new Matrix(rows, cols, values);
  }

  /** The second token of one group of tiles, then both tokens of another, the first one last. */
  private static <V> List<Part<V>> parts(V one, V other) {
    return List.of(new Part<>(one, 1, new int[] {1}, 0), new Part<>(other, 0, new int[] {1, 0}, 2));
  }

  private static <V> void refuses(Evidence<V> kind, V value, int tokens, String message) {
    assertThatThrownBy(() -> kind.check(value, tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void kindsSayWhoProvidesThem() {
    assertThat(
            List.of(
                new ClsAttention(0),
                new ClsAttentionAt(1),
                new ClsLogits(0),
                new ClsQueryAndKey(0),
                new CoarseCrops(new Downsample(), 0.5, Set.of()),
                new DeepFeatures(0),
                new EncoderFlow(),
                new EarlierHidden(),
                new EncoderHidden(0),
                new EncoderKeys(0),
                new EncoderLayerTokens(),
                new FirstLook(0.5, Set.of()),
                new GlobalViews(Set.of()),
                new JointImageEmbeddings(),
                new JointTextEmbeddings(),
                new ReceivedAttention(1),
                new TileSummary()))
        .allMatch(kind -> kind.source() == Evidence.Source.ENCODER);
    assertThat(
            List.of(
                new AccumulatedAttention(),
                new LastLayerTokens(),
                new LastQueryAttention(),
                new LastQueryLogits(),
                new LayerKeys(),
                new LayerValues(),
                new NextLayerAttention(),
                new ProbeAttention(1, 1),
                new PromptSelfLogits(),
                new RecentQueries(1),
                new RotationMeans(),
                new TextHidden(),
                new TextKeys(),
                new TextQueryAttention(),
                new TextSelfAttention(),
                new TextValues(),
                new UnrotatedLogits(),
                new UnrotatedVisualLogits(),
                new VisualQueryAttention(),
                new VisualQueryLogits()))
        .allMatch(kind -> kind.source() == Evidence.Source.DECODER);
    assertThat(List.of(new FrameRelevance(), new QuestionEmbeddings(), new TextRelevance()))
        .allMatch(kind -> kind.source() == Evidence.Source.QUESTION);
    assertThat(List.of(new GroupPixels(), new PixelChange()))
        .allMatch(kind -> kind.source() == Evidence.Source.PIXELS);
    assertThat(new GlanceAttention(1).source()).isEqualTo(Evidence.Source.GLANCE);
    assertThat(new Trained("dyvte").source()).isEqualTo(Evidence.Source.PACKAGE);
  }

  @Test
  void coarseCrops_areNoGlobalViews_andShowNothingOfTheEncoder() {
    CoarseCrops kind = new CoarseCrops(new Downsample(), 0.5, Set.of(new GlanceAttention(1)));
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.crops(1, 2, 1), matrix(3, 1, 0, 0, 0), EvidenceSet.nothing());

    refuses(kind, tokens, 4, "must not contain tokens of global views");
    kind.check(tokens.reduced(TokenReduction.keep(3, new int[] {0, 1})), 4);
    assertThat(kind)
        .hasToString(
            "CoarseCrops[choice=Downsample[], share=0.5, showing=[GlanceAttention[layers=1]]]");
    assertThatThrownBy(() -> new CoarseCrops(new Downsample(), 0, Set.of()))
        .hasMessageContaining("coarse must be in (0, 1] but was 0.0");
    assertThatThrownBy(() -> new CoarseCrops(new Downsample(), 1, Set.of(new ClsAttention(0))))
        .hasMessageContaining("no evidence of the encoder");
  }

  @Test
  void rowsOfTokens() {
    EncoderHidden kind = new EncoderHidden(0);
    Matrix value = matrix(2, 2, 1, 2, 3, 4);

    assertThat(kind.reduced(value, SECOND)).isEqualTo(matrix(1, 2, 3, 4));
    assertThat(kind.together(parts(value, matrix(2, 2, 5, 6, 7, 8)), 3))
        .isEqualTo(matrix(3, 2, 3, 4, 7, 8, 5, 6));
    assertThat(kind.bytes(value)).isEqualTo(4 * Float.BYTES);
    kind.check(value, 2);
    refuses(kind, value, 3, "has values for 2 tokens but there are 3");
  }

  @Test
  void keys() {
    EncoderKeys kind = new EncoderKeys(0);
    Keys value = new Keys(matrix(2, 2, 1, 2, 3, 4), 2);
    Keys other = new Keys(matrix(2, 2, 5, 6, 7, 8), 2);

    assertThat(kind.reduced(value, SECOND)).isEqualTo(new Keys(matrix(1, 2, 3, 4), 2));
    assertThat(kind.together(parts(value, other), 3))
        .isEqualTo(new Keys(matrix(3, 2, 3, 4, 7, 8, 5, 6), 2));
    assertThat(kind.bytes(value)).isEqualTo(4 * Float.BYTES);
    kind.check(value, 2);
    refuses(kind, value, 3, "has values for 2 tokens but there are 3");
  }

  @Test
  void attentionAndLogits() {
    assertValuesPerHead(new ClsAttention(0), Attention::new);
    assertValuesPerHead(new ClsLogits(0), Logits::new);
  }

  /** [H, N]; what was substituted in a part is substituted in the whole. */
  private static <V> void assertValuesPerHead(
      Evidence<V> kind, BiFunction<Matrix, Boolean, V> valueOf) {
    V value = valueOf.apply(matrix(2, 2, 1, 2, 3, 4), false);
    Matrix others = matrix(2, 2, 5, 6, 7, 8);
    Matrix joined = matrix(2, 3, 2, 6, 5, 4, 8, 7);

    assertThat(kind.reduced(value, SECOND)).isEqualTo(valueOf.apply(matrix(2, 1, 2, 4), false));
    assertThat(kind.together(parts(value, valueOf.apply(others, true)), 3))
        .isEqualTo(valueOf.apply(joined, true));
    assertThat(kind.together(parts(value, valueOf.apply(others, false)), 3))
        .isEqualTo(valueOf.apply(joined, false));
    assertThat(kind.bytes(value)).isEqualTo(4 * Float.BYTES);
    V oneHead = valueOf.apply(matrix(1, 2, 1, 2), false);
    kind.check(oneHead, 2);
    refuses(kind, oneHead, 1, "has values for 2 tokens but there are 1");
  }

  @Test
  void rowsOfARequest_stayAsTheyAre() {
    QuestionEmbeddings kind = new QuestionEmbeddings();
    Matrix value = matrix(1, 2, 1, 2);

    assertThat(kind.reduced(value, SECOND)).isSameAs(value);
    assertThat(kind.together(parts(value, matrix(1, 2, 3, 4)), 3)).isSameAs(value);
    assertThat(kind.bytes(value)).isEqualTo(2 * Float.BYTES);
    kind.check(value, 7);
    refuses(kind, matrix(0, 2), 7, "must have at least 1 row but has none");
  }

  @Test
  void aRowForEachTile_standsAtThePlaceOfItsTile() {
    TileSummary kind = new TileSummary();
    Matrix value = matrix(2, 2, 1, 2, 3, 4);

    assertThat(kind.reduced(value, SECOND)).isSameAs(value);
    assertThat(kind.together(parts(value, matrix(1, 2, 5, 6)), 3))
        .isEqualTo(matrix(3, 2, 3, 4, 0, 0, 5, 6));
    assertThat(kind.bytes(value)).isEqualTo(4 * Float.BYTES);
    kind.check(matrix(0, 2), 0);
    kind.check(value, 5);
    refuses(kind, matrix(0, 2), 1, "has no rows for 1 tokens");
  }

  @Test
  void queryAndKeyOfEachTile_standAtThePlaceOfTheirTile() {
    ClsQueryAndKey kind = new ClsQueryAndKey(0);
    ClsToken value = new ClsToken(matrix(2, 2, 1, 2, 3, 4), matrix(2, 2, 5, 6, 7, 8));
    ClsToken other = new ClsToken(matrix(1, 2, 9, 10), matrix(1, 2, 11, 12));

    assertThat(kind.reduced(value, SECOND)).isSameAs(value);
    assertThat(kind.together(parts(value, other), 3))
        .isEqualTo(new ClsToken(matrix(3, 2, 3, 4, 0, 0, 9, 10), matrix(3, 2, 7, 8, 0, 0, 11, 12)));
    assertThat(kind.bytes(value)).isEqualTo(8 * Float.BYTES);
    kind.check(value, 7);
    refuses(kind, new ClsToken(value.queries(), other.keys()), 7, "has queries");
    refuses(kind, new ClsToken(value.queries(), matrix(2, 1, 1, 2)), 7, "but keys");
  }

  @Test
  void attentionOfTextToText_andTrainedWeights_stay() {
    TextToText text = new TextToText(List.of(matrix(1, 1, 1)));
    TrainedWeights weights = new TrainedWeights(Map.of("weight", matrix(1, 1, 1)));

    assertThat(new TextSelfAttention().reduced(text, SECOND)).isSameAs(text);
    assertThat(new Trained("dyvte").reduced(weights, SECOND)).isSameAs(weights);
  }

  @Test
  void attentionOfText_isReducedForEachWord() {
    TextQueryAttention kind = new TextQueryAttention();
    TextAttention value = new TextAttention(List.of(matrix(1, 2, 1, 2), matrix(1, 2, 3, 4)));

    assertThat(kind.reduced(value, SECOND))
        .isEqualTo(new TextAttention(List.of(matrix(1, 1, 2), matrix(1, 1, 4))));
    kind.check(value, 2);
    refuses(kind, value, 1, "has values for 2 tokens but there are 1");
  }

  /** Two visual tokens at 1 and 2 of four; the first one goes. */
  @Test
  void logitsOfThePrompt_loseColumns_andRowsIfEveryTokenAsks() {
    float[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    PromptLogits every = new PromptLogits(List.of(matrix(4, 4, all)), new int[] {1, 2});
    PromptLogits last = new PromptLogits(List.of(matrix(1, 4, 12, 13, 14, 15)), new int[] {1, 2});

    assertThat(new PromptSelfLogits().reduced(every, SECOND))
        .isEqualTo(
            new PromptLogits(List.of(matrix(3, 3, 0, 2, 3, 8, 10, 11, 12, 14, 15)), new int[] {1}));
    assertThat(new LastQueryLogits().reduced(last, SECOND))
        .isEqualTo(new PromptLogits(List.of(matrix(1, 3, 12, 14, 15)), new int[] {1}));
    new LastQueryLogits().check(last, 2);
    refuses(new LastQueryLogits(), last, 4, "has values for 2 tokens but there are 4");
  }

  @Test
  void evidenceAboutACache() {
    Queries queries = new Queries(List.of(matrix(2, 1, 1, 2)));
    Probes probes = new Probes(new int[] {3}, matrix(1, 2, 1, 2));
    int[] tokens = {1, 2};

    assertThatThrownBy(() -> new RecentQueries(2).reduced(queries, SECOND))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is about the cache before it was reduced");
    assertThat(new RecentQueries(2).reducedPerHead(queries, List.of(SECOND))).contains(queries);
    assertThat(new LastLayerTokens().reducedPerHead(tokens, List.of(SECOND))).contains(tokens);
    assertThat(new ProbeAttention(1, 0).reducedPerHead(probes, List.of(SECOND))).isEmpty();
    new RecentQueries(2).check(queries, 7);
    refuses(new RecentQueries(1), queries, 7, "has 2");
    new ProbeAttention(1, 0).check(probes, 2);
    refuses(new ProbeAttention(1, 0), probes, 3, "has values for 2 tokens but there are 3");
  }

  /** Head 0 keeps its second row; head 1 merges both, whose attention is added. */
  @Test
  void accumulatedAttention_isReducedForEachHead() {
    TokenReduction merged = TokenReduction.merge(new int[] {0}, new int[] {0, 0}, new int[] {1, 1});
    Attention value = Attention.of(matrix(2, 2, 1, 2, 3, 4));

    assertThat(new AccumulatedAttention().reducedPerHead(value, List.of(SECOND, merged)))
        .contains(Attention.of(matrix(2, 1, 2, 7)));
  }

  @Test
  void encodedTilesStay_andGlobalViewsHaveNoCrops() {
    GlobalViews views = new GlobalViews(Set.of(new ClsLogits(0), new ClsAttention(0)));
    FirstLook look = new FirstLook(0.5, views.showing());
    PatchTokens whole = encoded(Tile.global(0, 1, 1));
    PatchTokens crop = encoded(Tile.crop(0, 1, 1, new Crop(0, 0, 1, 1)));

    assertThat(views.reduced(whole, SECOND)).isSameAs(whole);
    assertThat(look.reduced(whole, SECOND)).isSameAs(whole);
    views.check(whole, 7);
    look.check(crop, 7);
    refuses(views, crop, 7, "the global views must not contain crops");
    assertThat(views)
        .hasToString("GlobalViews[showing=[ClsAttention[layer=0], ClsLogits[layer=0]]]");
    assertThat(look)
        .hasToString("FirstLook[share=0.5, showing=[ClsAttention[layer=0], ClsLogits[layer=0]]]");
  }

  private static PatchTokens encoded(Tile tile) {
    return PatchTokens.encoded(List.of(tile), matrix(1, 1, 0), EvidenceSet.nothing());
  }

  @Test
  void sharesAreChecked() {
    for (double share : new double[] {0, 1, -0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> new FirstLook(share, Set.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("first must be in (0, 1)");
    }
    for (double depth : new double[] {0, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> new ClsAttentionAt(depth))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("depth must be in (0, 1]");
      assertThatThrownBy(() -> new ReceivedAttention(depth))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("depth must be in (0, 1]");
    }
  }

  /** Half of 24 layers is the twelfth; less than one is the first. */
  @Test
  void aLayerIsAShareOfAll() {
    assertThat(new ClsAttentionAt(0.5).layer(24)).isEqualTo(11);
    assertThat(new ClsAttentionAt(1).layer(24)).isEqualTo(23);
    assertThat(new ClsAttentionAt(0.01).layer(24)).isZero();
    assertThat(new ReceivedAttention(0.5).layer(24)).isEqualTo(11);
    assertThat(new ReceivedAttention(1).layer(24)).isEqualTo(23);
    assertThat(new ReceivedAttention(0.01).layer(24)).isZero();
  }

  /** A frame is as relevant as the token of it with the highest logit, as a probability. */
  @Test
  void relevanceOfAFrame_isThatOfItsBestToken() {
    RandomTokens random = RandomTokens.of(3, RandomTokens.frames(3, 1, 2));
    Map<String, Matrix> weights = new HashMap<>();
    weights.put("words.norm", random.matrix(2, 2));
    weights.put("tokens.norm", random.matrix(2, 2));
    linear(weights, random, "neighbours", 2, 6);
    linear(weights, random, "pooling", 1, 2);
    linear(weights, random, "query", 2, 2);
    linear(weights, random, "key", 2, 2);
    linear(weights, random, "saliency", 1, 2);
    linear(weights, random, "mix", 3, 2);
    linear(weights, random, "out", 1, 3);
    // A token may be less likely than not.
    weights.put("out.bias", matrix(1, 1, -5));
    Matrix question = random.matrix(4, 2);
    PatchTokens tokens =
        PatchTokens.encoded(
            RandomTokens.frames(3, 1, 2),
            random.matrix(6, 2),
            EvidenceSet.nothing()
                .with(new QuestionEmbeddings(), question)
                .with(new Trained("relevance"), new TrainedWeights(weights)));
    RelevanceHead head = new RelevanceHead(new TrainedWeights(weights));
    float[] logits = head.logits(tokens.features(), question);

    Matrix relevance = new FrameRelevance().derive(tokens);

    assertThat(logits[0]).isNegative();
    assertThat(relevance.rows()).isEqualTo(1);
    assertThat(relevance.cols()).isEqualTo(3);
    for (int frame = 0; frame < 3; frame++) {
      double best = Math.max(logits[2 * frame], logits[2 * frame + 1]);
      assertThat(relevance.get(0, frame)).isEqualTo((float) (1 / (1 + Math.exp(-best))));
    }
    assertThat(new FrameRelevance().operations(tokens)).isEqualTo(head.operations(6, 4));
    assertThat(new FrameRelevance().from())
        .containsExactlyInAnyOrder(new QuestionEmbeddings(), new Trained("relevance"));
  }

  private static void linear(
      Map<String, Matrix> weights, RandomTokens random, String name, int rows, int cols) {
    weights.put(name, random.matrix(rows, cols));
    weights.put(name + ".bias", random.matrix(1, rows));
  }

  /**
   * The dot products of token 1 and words ln(3) and 0 are themselves, 0.75 and 0.25 after the
   * softmax; those of token 0 are 0, 0.5 and 0.5. The means are 0.625 and 0.375.
   */
  @Test
  void relevanceOfText_isTheMeanSoftmaxOfItsDotProducts() {
    Matrix relevance = TextRelevance.of(matrix(2, 1, 1, 0), matrix(2, 1, (float) Math.log(3), 0));

    assertThat(relevance.rows()).isEqualTo(1);
    assertThat(relevance.row(0)).containsExactly(new float[] {0.625f, 0.375f}, offset(1e-6f));
    // Dot products 2 x 2 x 3 x 4, the softmax 4 x 2 x 3, the means 3 x 3.
    assertThat(
            TextRelevance.operations(
                new Matrix(2, 4, new float[8]), new Matrix(3, 4, new float[12])))
        .isEqualTo(48 + 24 + 9);
  }
}
