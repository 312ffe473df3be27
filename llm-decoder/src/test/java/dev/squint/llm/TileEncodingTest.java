package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.encoder.VisionEncoder;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TileEncodingTest {

  private static final ClsAttention LAST = new ClsAttention(-1);

  private static final float[] ATTENTION = {0.1f, 0.3f, 0.05f, 0.4f};

  private final RecordingEncoder encoder = new RecordingEncoder();
  private final List<GlanceAttention> looked = new ArrayList<>();

  @Test
  void withoutAMethodForTiles_allTilesAreEncodedAtOnce() {
    PatchTokens tokens = encode("encoder:cls-attention(keep=0.5)");

    assertThat(encoder.seen).containsExactly(List.of(0, 1, 2, 3, 4));
    assertThat(tokens.size()).isEqualTo(20);
    assertThat(tokens.evidenceKinds()).containsExactly(LAST);
  }

  @Test
  void thumbnail_encodesTheGlobalViewFirst_andThenOnlyTheCropsItAttendsTo() {
    PatchTokens tokens = encode("tiles:thumbnail(crops=2) + encoder:globalcom2(keep=0.5)");

    // The global view, which has pixel value 4, attends to the crops 3 and 1.
    assertThat(encoder.seen).containsExactly(List.of(4), List.of(1, 3));
    assertThat(tokens.tiles()).hasSize(5);
    assertThat(tokens.positions())
        .extracting(TokenPosition::tile)
        .containsExactly(1, 1, 1, 1, 3, 3, 3, 3, 4, 4, 4, 4);
    assertThat(tokens.features().data()).containsExactly(1, 1, 1, 1, 3, 3, 3, 3, 4, 4, 4, 4);
    assertThat(tokens.evidence(LAST).perHead().data()[5]).isEqualTo(3 + 0.3f);
  }

  @Test
  void lrsTiles_letsTheDecoderLookAtTheGlobalView_andEncodesTheCropsThatItLooksAt() {
    EncodedTiles encoding =
        encoding("tiles:lrs-tiles(crops=2, layers=3)").encode(List.of(picture()), List.of());
    PatchTokens tokens = encoding.tokens();

    assertThat(looked).containsExactly(new GlanceAttention(3));
    assertThat(encoder.seen).containsExactly(List.of(4), List.of(1, 3));
    assertThat(tokens.features().data()).containsExactly(1, 1, 1, 1, 3, 3, 3, 3, 4, 4, 4, 4);
    assertThat(tokens.evidenceKinds()).isEmpty();
    // The look, 2 * 4 shares and 2 * 4 means of one head, 9 for each of 4 tokens and 4 crops.
    assertThat(encoding.operations()).isEqualTo(7 + 8 + 8 + 9 * 16);
  }

  @Test
  void lrsTiles_decidesItself_byTheTokensThatAreLookedAtMost() {
    encode("tiles:lrs-tiles");

    // A quarter of four tokens is one, which lies in the last crop.
    assertThat(encoder.seen).containsExactly(List.of(4), List.of(3));
  }

  /**
   * The view is attended to most on the right, so the right one of two coarser crops is encoded; it
   * is attended to most below, so the crop at the lower right is.
   */
  @Test
  void lrsTilesOfTwoLevels_encodesTheViewThenCoarserCropsThenCrops() {
    EncodedTiles encoding =
        encoding("tiles:lrs-tiles(crops=1, layers=3, levels=2)")
            .encode(List.of(picture()), List.of(coarser()));

    assertThat(looked).containsExactly(new GlanceAttention(3), new GlanceAttention(3));
    assertThat(encoder.seen).containsExactly(List.of(4), List.of(11), List.of(3));
    assertThat(encoding.tokens().features().data()).containsExactly(3, 3, 3, 3, 4, 4, 4, 4);
    assertThat(encoding.encodedTiles()).isEqualTo(3);
    assertThat(encoding.encodedTokens()).isEqualTo(12);
    // Two looks; shares of four tokens and two, then four crops.
    assertThat(encoding.operations()).isEqualTo(2 * 7 + 2 * (8 + 8) + 9 * 8 + 9 * 16);
  }

  @Test
  void coarserLevelWithoutCrops_leavesTheChoiceToTheView() {
    encoding("tiles:lrs-tiles(crops=1, levels=2)")
        .encode(List.of(picture()), List.of(coarser().only(2)));

    assertThat(encoder.seen.get(0)).containsExactly(4);
    assertThat(encoder.seen.get(encoder.seen.size() - 1)).containsExactly(3);
    assertThat(looked).hasSize(1);
  }

  @Test
  void evidenceThatOnlyTheChoiceNeeds_isNotAskedForCrops() {
    PatchTokens tokens = encode("tiles:thumbnail(crops=1) + encoder:random(keep=0.5)");

    assertThat(encoder.asked).containsExactly(Set.of(LAST), Set.of());
    assertThat(tokens.evidenceKinds()).isEmpty();
  }

  @Test
  void noCropAtAll_leavesTheGlobalView() {
    PatchTokens tokens = encode("tiles:thumbnail(crops=0)");

    assertThat(encoder.seen).containsExactly(List.of(4));
    assertThat(tokens.features().data()).containsExactly(4, 4, 4, 4);
  }

  @Test
  void methodsThatNeedNoGlobalView_encodeOnce() {
    encode("tiles:random(crops=2, seed=1)");
    assertThat(encoder.seen).hasSize(1);
    assertThat(encoder.seen.get(0)).hasSize(3).contains(4);

    encoder.seen.clear();
    // Every crop has one value.
    encode("tiles:skip-plain");
    assertThat(encoder.seen).containsExactly(List.of(4));
  }

  @Test
  void text_decidesByTheQuestion() {
    encode("tiles:text(crops=1)");

    assertThat(encoder.seen).hasSize(2);
    assertThat(encoder.asked).containsExactly(Set.of(), Set.of());
  }

  @Test
  void chainsOfMethods_chooseAmongWhatIsLeft() {
    encode("tiles:thumbnail(crops=3) + tiles:thumbnail(crops=1)");

    assertThat(encoder.seen).containsExactly(List.of(4), List.of(3));
  }

  @Test
  void pictureOfOneTile_isEncodedWhateverThePlanSays() {
    TiledImage single =
        new TiledImage(
            1,
            1,
            1,
            1,
            List.of(new TilePlacement(null, new Region(0, 0, 1, 1))),
            null,
            FloatBuffer.wrap(new float[] {9, 9, 9}));

    PatchTokens alone =
        encoding("tiles:thumbnail(crops=1)").encode(List.of(single), List.of()).tokens();
    assertThat(alone.features().data()).containsExactly(9, 9, 9, 9);
    PatchTokens both =
        encoding("tiles:thumbnail(crops=1)").encode(List.of(single, picture()), List.of()).tokens();
    assertThat(both.features().data()).containsExactly(9, 9, 9, 9, 3, 3, 3, 3, 4, 4, 4, 4);
    assertThat(both.positions())
        .extracting(TokenPosition::frame)
        .containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  }

  private PatchTokens encode(String plan) {
    EncodedTiles encoding = encoding(plan).encode(List.of(picture()), List.of());
    PatchTokens tokens = encoding.tokens();
    assertThat(encoding.encodedTiles()).isEqualTo(tokens.size() / 4);
    return tokens;
  }

  private TileEncoding encoding(String plan) {
    Matrix question = new Matrix(1, 1, new float[] {1});
    return new TileEncoding(
        new EncoderCache(encoder, 0),
        PruningPlan.parse(plan),
        new RequestEvidence(() -> question, TrainedMethods.none(), this::glanced, List.of()),
        Set.of());
  }

  /** The attention of the question to a token of the global views depends on its index. */
  private PatchTokens glanced(PatchTokens views, GlanceAttention kind) {
    looked.add(kind);
    float[] attention = new float[views.size()];
    for (int j = 0; j < attention.length; j++) {
      attention[j] = ATTENTION[j % ATTENTION.length];
    }
    return views.with(kind, Attention.of(Matrix.of(attention)), 7);
  }

  /** Two crops beside each other with the values 10 and 11, and a global view of value 12. */
  private static TiledImage coarser() {
    List<TilePlacement> tiles =
        List.of(
            new TilePlacement(new Tile.Crop(0, 0, 1, 2), new Region(0, 0, 1, 2)),
            new TilePlacement(new Tile.Crop(0, 1, 1, 2), new Region(1, 0, 2, 2)),
            new TilePlacement(null, new Region(0, 0, 2, 2)));
    return new TiledImage(
        2,
        2,
        1,
        1,
        tiles,
        null,
        FloatBuffer.wrap(new float[] {10, 10, 10, 11, 11, 11, 12, 12, 12}));
  }

  /** Four crops of one pixel with the values 0 to 3, and a global view of value 4. */
  private static TiledImage picture() {
    List<TilePlacement> tiles = new ArrayList<>();
    float[] pixels = new float[15];
    for (int t = 0; t < 5; t++) {
      int row = t / 2;
      int col = t % 2;
      tiles.add(
          t == 4
              ? new TilePlacement(null, new Region(0, 0, 2, 2))
              : new TilePlacement(
                  new Tile.Crop(row, col, 2, 2), new Region(col, row, col + 1, row + 1)));
      pixels[3 * t] = pixels[3 * t + 1] = pixels[3 * t + 2] = t;
    }
    return new TiledImage(2, 2, 1, 1, tiles, null, FloatBuffer.wrap(pixels));
  }

  /**
   * Gives 2 x 2 tokens a tile, all of them its pixel; the CLS token attends most to the last token,
   * then to the second.
   */
  private static final class RecordingEncoder implements VisionEncoder {

    private final List<List<Integer>> seen = new ArrayList<>();
    private final List<Set<Evidence<?>>> asked = new ArrayList<>();

    @Override
    public PatchTokens encode(
        List<TiledImage> pictures, Set<? extends Evidence<?>> evidence, PruningPlan plan) {
      List<Tile> tiles = new ArrayList<>();
      List<Integer> values = new ArrayList<>();
      for (int frame = 0; frame < pictures.size(); frame++) {
        TiledImage picture = pictures.get(frame);
        for (int t = 0; t < picture.tiles().size(); t++) {
          Tile.Crop crop = picture.tiles().get(t).crop();
          tiles.add(crop == null ? Tile.global(frame, 2, 2) : Tile.crop(frame, 2, 2, crop));
          values.add((int) picture.pixels().get(3 * t));
        }
      }
      seen.add(values);
      asked.add(Set.copyOf(evidence));
      float[] features = new float[4 * values.size()];
      float[] attention = new float[4 * values.size()];
      for (int i = 0; i < features.length; i++) {
        features[i] = values.get(i / 4);
        attention[i] = values.get(i / 4) + ATTENTION[i % 4];
      }
      EvidenceSet observed = EvidenceSet.nothing();
      if (evidence.contains(LAST)) {
        observed = observed.with(LAST, Attention.of(new Matrix(1, attention.length, attention)));
      }
      return PatchTokens.encoded(tiles, new Matrix(features.length, 1, features), observed);
    }

    @Override
    public boolean encodesTilesApart() {
      return false;
    }

    @Override
    public void check(PruningPlan plan) {}

    @Override
    public boolean gives(Evidence<?> evidence) {
      return evidence instanceof ClsAttention;
    }

    @Override
    public void close() {}
  }
}
