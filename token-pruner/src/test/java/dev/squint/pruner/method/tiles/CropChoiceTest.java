package dev.squint.pruner.method.tiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.CropTokens.Candidate;
import dev.squint.pruner.CropTokens.Place;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CropChoiceTest {
  private static final ClsAttention LAST = new ClsAttention(-1);
  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();

  @Test
  void attendedCrops_areThoseWhereTheGlobalViewsAttentionLies() {
    // 2 x 4 tokens for 1 x 3 crops: the second and third column of tokens lie in two crops each.
    CropTokens crops = crops(0, 1, 3);
    float[] attention = {0.1f, 0.3f, 0, 0.1f, 0.1f, 0, 0.3f, 0};
    // Left: 0.1 + 0.1 + 1/3 of 0.3. Middle: 2/3 of 0.3 + 2/3 of 0.3. Right: 0.1 + 1/3 of 0.3.
    PatchTokens views =
        PatchTokens.encoded(
            List.of(Tile.global(0, 2, 4)),
            new Matrix(8, 1, new float[8]),
            EvidenceSet.nothing().with(LAST, Attention.of(new Matrix(1, 8, attention))));

    assertThat(attended(crops, views, 1)).containsExactly(1);
    assertThat(attended(crops, views, 2)).containsExactly(0, 1);
  }

  @Test
  void everyPicture_keepsCropsInProportionToThoseThatItHas() {
    List<Candidate> both = new ArrayList<>(candidates(0, 2, 2));
    both.addAll(candidates(2, 1, 2));
    float[] attention = {0, 0, 0, 0.001f, 0, 0, 0.9f, 0.8f};
    PatchTokens views =
        PatchTokens.encoded(
            List.of(Tile.global(0, 2, 2), Tile.global(2, 2, 2)),
            new Matrix(8, 1, new float[8]),
            EvidenceSet.nothing().with(LAST, Attention.of(new Matrix(1, 8, attention))));

    assertThat(attended(CropTokens.of(both), views, 3)).containsExactly(0, 3, 4);
  }

  private static int[] attended(CropTokens crops, PatchTokens views, int count) {
    ThumbnailTiles method = new ThumbnailTiles(-1);
    return method
        .reduce(crops.with(new GlobalViews(Set.of(LAST)), views), Budget.count(count))
        .kept();
  }

  @Test
  void askedCrops_areThoseThatMatchTheQuestion() {
    // Left above: x. Right below: y. All else: nothing that is asked for.
    Matrix features = new Matrix(4, 3, new float[] {1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0});
    Matrix askX = new Matrix(1, 3, new float[] {1, 0, 0});
    Matrix askY = new Matrix(1, 3, new float[] {0, 1, 0});

    assertThat(asked(features, askX)).containsExactly(0);
    assertThat(asked(features, askY)).containsExactly(3);
  }

  private static int[] asked(Matrix features, Matrix question) {
    PatchTokens views =
        PatchTokens.encoded(
            List.of(Tile.global(0, 2, 2)),
            features,
            EvidenceSet.nothing().with(QUESTION, question));
    return new TextTiles(TextGuided.Guide.WORDS, 0.1)
        .reduce(crops(0, 2, 2).with(new GlobalViews(Set.of(QUESTION)), views), Budget.count(1))
        .kept();
  }

  @Test
  void variedCrops_leaveOutThoseOfNearlyOneColour() {
    CropTokens crops =
        CropTokens.of(
            List.of(
                candidate(0, new float[] {-1, 1, 0, 0, 0, 0}),
                candidate(1, new float[] {0.5f, 0.54f, 0, 0.02f, 0, 0}),
                candidate(2, new float[] {0, 0, 0, 0, -0.1f, 0.1f}),
                candidate(3, new float[] {1, 1, 1, 1, 1, 1})));

    assertThat(new SkipPlainTiles(0.03).reduce(crops, Budget.adaptive()).kept())
        .containsExactly(0, 2);
    assertThat(new SkipPlainTiles(0).reduce(crops, Budget.adaptive()).kept())
        .containsExactly(0, 1, 2);
    assertThat(new SkipPlainTiles(0.03).reduce(crops, new Budget.Adaptive(0.75, 1)).kept())
        .containsExactly(0, 1, 2);
    assertThat(new SkipPlainTiles(0.03).reduce(crops, new Budget.Adaptive(0, 0.25)).kept())
        .containsExactly(0);
  }

  @Test
  void variedCrops_ofAPlainPictureAreNone() {
    CropTokens crops =
        CropTokens.of(List.of(candidate(0, new float[6]), candidate(1, new float[6])));

    assertThat(new SkipPlainTiles(0.03).reduce(crops, Budget.adaptive()).kept()).isEmpty();
  }

  @Test
  void tilesThatWereEncodedApart_areThoseThatWereEncodedTogether() {
    List<Tile> tiles =
        List.of(
            Tile.crop(0, 1, 2, new Crop(0, 0, 1, 2)),
            Tile.crop(0, 1, 2, new Crop(0, 1, 1, 2)),
            Tile.global(0, 1, 2));
    Matrix features = new Matrix(6, 1, new float[] {0, 1, 2, 3, 4, 5});
    Matrix attention = new Matrix(2, 6, new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    PatchTokens global = part(tiles.get(2), new float[] {4, 5}, new float[] {4, 5, 10, 11});
    PatchTokens crop = part(tiles.get(1), new float[] {2, 3}, new float[] {2, 3, 8, 9});
    PatchTokens whole =
        PatchTokens.encoded(
            tiles, features, EvidenceSet.nothing().with(LAST, Attention.of(attention)));

    PatchTokens together =
        PatchTokens.together(
            tiles,
            List.of(
                new PatchTokens.EncodedTile(crop, 0, 1),
                new PatchTokens.EncodedTile(global, 0, 2)));

    PatchTokens expected = whole.reduced(dropFirstTile());
    assertThat(together.features()).isEqualTo(expected.features());
    assertThat(together.positions()).isEqualTo(expected.positions());
    assertThat(together.tiles()).isEqualTo(tiles);
    assertThat(together.patches()).containsExactly(1, 1, 1, 1);
    assertThat(together.evidence(LAST).perHead().data())
        .containsExactly(expected.evidence(LAST).perHead().data());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                PatchTokens.together(
                    List.of(Tile.global(0, 2, 1)),
                    List.of(new PatchTokens.EncodedTile(global, 0, 0))))
        .withMessageContaining("has a different grid than when it was encoded");
  }

  private static TokenReduction dropFirstTile() {
    return TokenReduction.keep(6, new int[] {2, 3, 4, 5});
  }

  private static PatchTokens part(Tile tile, float[] features, float[] attention) {
    return PatchTokens.encoded(
        List.of(tile),
        new Matrix(2, 1, features),
        EvidenceSet.nothing().with(LAST, Attention.of(new Matrix(2, 2, attention))));
  }

  private static CropTokens crops(int frame, int rows, int cols) {
    return CropTokens.of(candidates(frame, rows, cols));
  }

  private static List<Candidate> candidates(int frame, int rows, int cols) {
    List<Candidate> candidates = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        candidates.add(
            new Candidate(
                frame,
                new Crop(row, col, rows, cols),
                new Place(
                    (double) row / rows,
                    (double) col / cols,
                    (row + 1.0) / rows,
                    (col + 1.0) / cols),
                new float[6]));
      }
    }
    return candidates;
  }

  private static Candidate candidate(int col, float[] extremes) {
    return new Candidate(
        0, new Crop(0, col, 1, 4), new Place(0, col / 4.0, 1, (col + 1) / 4.0), extremes);
  }
}
