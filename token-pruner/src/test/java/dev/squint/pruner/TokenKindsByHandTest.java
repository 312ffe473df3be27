package dev.squint.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.squint.pruner.CropTokens.Candidate;
import dev.squint.pruner.CropTokens.Place;
import dev.squint.pruner.Tile.Area;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.JointTextEmbeddings;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The tokens of every point and their tiles, worked out by hand. */
class TokenKindsByHandTest {
  private static final TokenReduction FIRST_AND_LAST = TokenReduction.keep(3, new int[] {0, 2});
  private static final EncoderHidden HIDDEN = new EncoderHidden(0);
  private static final JointTextEmbeddings TEXT = new JointTextEmbeddings();
  private static final Matrix ROW = Matrix.of(new float[] {1, 2});

  private static CropTokens crops() {
    Crop one = new Crop(0, 0, 2, 2);
    return CropTokens.of(
        List.of(
            new Candidate(0, one, new Place(0, 0, 0.5, 0.5), new float[] {2, 5, 1, 9, 4, 4}),
            new Candidate(0, new Crop(0, 1, 2, 2), new Place(0, 0.5, 0.5, 1), new float[6]),
            new Candidate(1, one, new Place(0.5, 0, 1, 0.5), new float[] {1, 3, 20, 23, 4, 5})));
  }

  @Test
  void crops_haveTheLargestRangeOfTheirColours() {
    CropTokens crops = crops();

    assertThat(crops.features().row(2)).containsExactly(1, 3, 20, 23, 4, 5);
    assertThat(crops.patches()).containsExactly(1, 1, 1);
    assertThat(crops.positions().get(2)).isEqualTo(new TokenPosition(1, 2, 0, 0));
    // Of 5 - 2, 9 - 1 and 4 - 4; together of 5 - 1, 23 - 1 and 5 - 4.
    assertThat(crops.range(0)).isEqualTo(8);
    assertThat(crops.range(2)).isEqualTo(3);
    assertThat(crops.range(new int[] {0, 2})).isEqualTo(22);
    CropTokens fewer = crops.with(TEXT, ROW).reduced(FIRST_AND_LAST);
    assertThat(fewer.features()).isEqualTo(crops.features().rows(new int[] {0, 2}));
    assertThat(fewer.places()).containsExactly(crops.places().get(0), crops.places().get(2));
    assertThat(fewer.showingOnly(Set.of()).evidenceKinds()).isEmpty();
    assertThat(fewer.showingOnly(Set.of(TEXT)).evidence(TEXT)).isEqualTo(ROW);
    assertThat(fewer).hasToString("CropTokens[2 tokens of 3 tiles, [%s]]".formatted(TEXT));
  }

  @Test
  void frames_addUpTheMotionOfThoseThatWereDropped() {
    FrameTokens frames =
        FrameTokens.of(
            Matrix.of(
                new float[] {0, 0.5f}, new float[] {1, 0.25f}, new float[] {0, 0}, new float[2]),
            new double[] {0, 1, 2.5, 3},
            new float[] {0.5f, 1, 2, 4});

    // |0 - 1| and |0.5 - 0.25| over two.
    assertThat(frames.difference(0, 1)).isEqualTo(0.625f);
    assertThat(frames.patches()).containsExactly(1, 1, 1, 1);
    FrameTokens all = frames.reduced(TokenReduction.keepAll(4));
    assertThat(all.motion()).containsExactly(0.5f, 1, 2, 4);
    FrameTokens fewer = frames.reduced(TokenReduction.keep(4, new int[] {0, 3}));
    assertThat(fewer.seconds()).containsExactly(0, 3);
    assertThat(fewer.motion()).containsExactly(0.5f, 7);
    // Before the first that is kept there is nothing to move from.
    assertThat(frames.reduced(TokenReduction.keep(4, new int[] {2})).motion()).containsExactly(2);
    assertThat(fewer.showingOnly(Set.of()).seconds()).containsExactly(0, 3);
    assertThat(fewer.size()).isEqualTo(2);
  }

  @Test
  void groups_areCountedRowByRow() {
    PatchGroups groups =
        PatchGroups.of(
            List.of(Tile.global(0, 1, 3)),
            Matrix.of(new float[] {1, 2, 3}, new float[] {4, 5, 6}, new float[] {7, 8, 9}));
    PatchGroups tall =
        PatchGroups.of(List.of(Tile.global(4, 2, 3)), new Matrix(6, 3, new float[18]));

    assertThat(tall.positions().get(5)).isEqualTo(new TokenPosition(4, 0, 1, 2));
    assertThat(groups.patches()).containsExactly(1, 1, 1);
    PatchGroups fewer = groups.with(TEXT, ROW, 5).reduced(FIRST_AND_LAST);
    assertThat(fewer.features()).isEqualTo(Matrix.of(new float[] {1, 2, 3}, new float[] {7, 8, 9}));
    assertThat(fewer.operations()).isEqualTo(5);
    assertThat(fewer.showingOnly(Set.of(TEXT)).evidence(TEXT)).isEqualTo(ROW);
  }

  private static PatchTokens three() {
    return PatchTokens.encoded(
        List.of(Tile.global(0, 1, 3)),
        new Matrix(3, 2, new float[] {1, 2, 3, 4, 5, 6}),
        EvidenceSet.nothing().with(HIDDEN, new Matrix(3, 1, new float[] {7, 8, 9}), 40));
  }

  @Test
  void patches_haveTheirSizeAndCost() {
    // Six floats and three of evidence.
    assertThat(three().bytes()).isEqualTo(9 * 4);
    assertThat(three().operations()).isEqualTo(40);
    assertThat(three().withoutCost(HIDDEN).operations()).isZero();
    PatchTokens later = three().holding(new Matrix(3, 1, new float[3]), EvidenceSet.nothing());
    assertThat(later.features().cols()).isEqualTo(1);
    assertThat(later.positions()).isEqualTo(three().positions());
    assertThat(later.evidenceKinds()).isEmpty();
  }

  @Test
  void patches_mayBeSomeOfTheirTiles() {
    List<Tile> tiles = List.of(Tile.global(0, 2, 2));
    List<TokenPosition> places =
        List.of(new TokenPosition(0, 0, 0, 1), new TokenPosition(0, 0, 1, 0));
    Matrix two = new Matrix(2, 1, new float[] {1, 2});

    PatchTokens some = PatchTokens.encoded(tiles, places, two, EvidenceSet.nothing());
    PatchTokens merged =
        PatchTokens.encoded(tiles, places, new int[] {3, 1}, two, EvidenceSet.nothing());

    assertThat(some.patches()).containsExactly(1, 1);
    assertThat(merged.patches()).containsExactly(3, 1);
    PatchTokens joined =
        PatchTokens.together(tiles, List.of(new PatchTokens.EncodedTile(merged, 0, 0)));
    assertThat(joined.patches()).containsExactly(3, 1);
    // Given the other way round they are put in order, with their patches.
    PatchTokens turned =
        PatchTokens.encoded(
            tiles,
            List.of(places.get(1), places.get(0)),
            new int[] {3, 1},
            two,
            EvidenceSet.nothing());
    assertThat(turned.inReadingOrder().patches()).containsExactly(1, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                PatchTokens.encoded(List.of(), List.of(places.get(0)), ROW, EvidenceSet.nothing()))
        .withMessageContaining("not among the 0 tiles");
  }

  @Test
  void hiddenStates_areReducedWithTheirEvidence() {
    LayerTokens layer =
        LayerTokens.of(
            three(),
            new Matrix(3, 1, new float[] {4, 5, 6}),
            EvidenceSet.nothing().with(HIDDEN, new Matrix(3, 1, new float[] {7, 8, 9})));

    LayerTokens fewer = layer.reduced(FIRST_AND_LAST);

    assertThat(fewer.features().data()).containsExactly(4, 6);
    assertThat(fewer.evidence(HIDDEN).data()).containsExactly(7, 9);
    assertThatIllegalStateException()
        .isThrownBy(() -> fewer.showingOnly(Set.of()).evidence(HIDDEN))
        .withMessageContaining("was not observed");
  }

  @Test
  void areas_endBeforeTheirBottomAndRight() {
    Area area = new Area(1, 2, 3, 5);

    assertThat(area.contains(1, 2)).isTrue();
    assertThat(area.contains(2, 4)).isTrue();
    assertThat(area.contains(0, 2)).isFalse();
    assertThat(area.contains(1, 1)).isFalse();
    assertThat(area.contains(3, 2)).isFalse();
    assertThat(area.contains(1, 5)).isFalse();
  }

  @Test
  void cropsMakeOneGridWithoutTheirPadding() {
    // Two by two crops of 4 x 4 tokens. One row is padding above, two columns at the right; a crop
    // of another picture does not count.
    List<Tile> tiles =
        List.of(
            Tile.global(0, 4, 4),
            crop(0, 0, new Area(1, 0, 4, 4)),
            crop(0, 1, new Area(1, 0, 4, 2)),
            crop(1, 0, new Area(0, 0, 4, 4)),
            crop(1, 1, new Area(0, 0, 4, 2)),
            new Tile(1, 4, 4, new Crop(0, 0, 2, 2), new Area(0, 0, 4, 4)));

    assertThat(CropGrid.of(tiles.get(1), tiles)).isEqualTo(new CropGrid(-1, 0, 7, 6));
    assertThat(CropGrid.of(tiles.get(2), tiles)).isEqualTo(new CropGrid(-1, 4, 7, 6));
    assertThat(CropGrid.of(tiles.get(4), tiles)).isEqualTo(new CropGrid(3, 4, 7, 6));
    // The view alone: two rows above and a column at the left are padding.
    Tile view = new Tile(0, 6, 6, null, new Area(2, 1, 5, 6));
    assertThat(CropGrid.of(view, tiles)).isEqualTo(new CropGrid(-2, -1, 3, 5));
  }

  private static Tile crop(int row, int col, Area shown) {
    return new Tile(0, 4, 4, new Crop(row, col, 2, 2), shown);
  }

  @Test
  void keysAreAveragedOverTheirHeads() {
    Keys two = new Keys(Matrix.of(new float[] {1, 2, 5, 8}, new float[] {3, 0, 1, 1}), 2);

    assertThat(two.meanOverHeads()).isEqualTo(Matrix.of(new float[] {3, 5}, new float[] {2, 0.5f}));
    assertThat(new Keys(ROW, 1).meanOverHeads()).isEqualTo(ROW);
  }

  @Test
  void sharesFollowTheLargestRemainders() {
    // 2.1, 1.4 and 3.5 of 7: the remainder of the last is the largest.
    assertThat(Apportionment.share(7, new double[] {3, 2, 5}, new int[] {9, 9, 9}))
        .containsExactly(2, 1, 4);
    // 2.6 and 0.4, but the first has room for two: its remainder counts no more.
    assertThat(Apportionment.share(3, new double[] {13, 2}, new int[] {2, 9}))
        .containsExactly(2, 1);
    // Nothing has a weight: in proportion to the room.
    assertThat(Apportionment.share(3, new double[2], new int[] {2, 4})).containsExactly(1, 2);
    assertThat(Apportionment.share(0, new double[2], new int[2])).containsExactly(0, 0);
    // A third of 9 is 3, which 1 / 3.0 * 9 may miss by a rounding error.
    assertThat(Apportionment.share(9, new double[] {0.1, 0.1, 0.1}, new int[] {9, 9, 9}))
        .containsExactly(3, 3, 3);
  }
}
