package dev.squint.vision.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.tile.AnyResTiler;
import dev.squint.vision.tile.Idefics3Tiler;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.PixelScaling;
import dev.squint.vision.tile.SingleTiler;
import dev.squint.vision.tile.SmartResizeTiler;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The graphs give the mean colour of each square of 4 x 4 pixels of an 8 x 8 tile as a token. */
class OnnxVisionEncoderTest {
  // Means of equal pixels by an average pool: a few roundings of 6e-8. Measured: 0 with AVX2 and
  // AVX-512.
  private static final Tolerance COLOUR = Tolerance.relative(1e-6);

  /** Bytes as they are. */
  private static final PixelScaling BYTES =
      PixelScaling.of(1, new double[] {0, 0, 0}, new double[] {1, 1, 1});

  private static Path graph(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  OnnxVisionEncoderTest.class.getResource("/graphs/" + name + ".onnx"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static OnnxVisionEncoder open(String name) {
    return OnnxVisionEncoder.open(graph(name), SessionSettings.DEFAULT);
  }

  /** A picture of squares of 4 x 4 pixels, each of one colour that no other square has. */
  private static Picture squares(int cols, int rows, int first) {
    byte[] rgb = new byte[3 * 16 * cols * rows];
    for (int y = 0, at = 0; y < 4 * rows; y++) {
      for (int x = 0; x < 4 * cols; x++) {
        int square = first + y / 4 * cols + x / 4;
        rgb[at++] = (byte) square;
        rgb[at++] = (byte) (100 + square);
        rgb[at++] = 7;
      }
    }
    return new Picture(4 * cols, 4 * rows, rgb);
  }

  /** Crops of 8 x 8 pixels, then the global view, as Idefics3 has them. */
  private static TiledImage tiled(int cols, int rows, int first) {
    return new Idefics3Tiler(null, null, 8, true, false, ResampleFilter.BOX, BYTES)
        .tile(squares(cols, rows, first));
  }

  private static float[] reds(PatchTokens tokens) {
    Matrix features = tokens.features();
    float[] reds = new float[features.rows()];
    for (int i = 0; i < reds.length; i++) {
      reds[i] = features.get(i, 0);
      assertClose(features.get(i, 1), reds[i] + 100, COLOUR, "green of token %d", i);
      assertClose(features.get(i, 2), 7, COLOUR, "blue of token %d", i);
    }
    return reds;
  }

  @Test
  void integersScaledWhileRunning_tieTilesTogether() {
    Path graphs = Path.of("..", "samples", "tiny-vlm", "package", "onnx");
    try (VisionEncoder floats =
            OnnxVisionEncoder.open(graphs.resolve("vision_encoder.onnx"), SessionSettings.DEFAULT);
        VisionEncoder integers =
            OnnxVisionEncoder.open(
                graphs.resolve("vision_encoder_quantized.onnx"), SessionSettings.DEFAULT)) {
      assertThat(floats.encodesTilesApart()).isTrue();
      assertThat(integers.encodesTilesApart()).isFalse();
    }
  }

  @Test
  void crops_giveTheirTokensTileByTile() {
    try (OnnxVisionEncoder encoder = open("crops-with-attention")) {
      PatchTokens tokens = encoder.encode(List.of(tiled(4, 2, 0)), Set.of());
      // Two crops of 2 x 2 squares side by side, then both shrunk to one tile.
      assertThat(reds(tokens)).containsExactly(0, 1, 4, 5, 2, 3, 6, 7, 0.5f, 2.5f, 4.5f, 6.5f);
      assertThat(tokens.positions().get(6)).isEqualTo(new TokenPosition(0, 1, 1, 0));
      assertThat(tokens.tiles())
          .containsExactly(
              Tile.crop(0, 2, 2, new Tile.Crop(0, 0, 1, 2)),
              Tile.crop(0, 2, 2, new Tile.Crop(0, 1, 1, 2)),
              Tile.global(0, 2, 2));
      assertThat(tokens.evidenceKinds()).isEmpty();
    }
  }

  @Test
  void severalPictures_areFramesOfOneRequest() {
    try (OnnxVisionEncoder encoder = open("crops-with-attention")) {
      PatchTokens tokens =
          encoder.encode(List.of(tiled(2, 2, 10), tiled(2, 4, 20), tiled(2, 2, 40)), Set.of());
      assertThat(reds(tokens))
          .startsWith(10, 11, 12, 13, 20, 21, 22, 23, 24, 25, 26, 27)
          .endsWith(40, 41, 42, 43);
      assertThat(tokens.tiles().stream().map(Tile::frame)).containsExactly(0, 1, 1, 1, 2);
    }
  }

  @Test
  void manyTiles_areEncodedInSeveralRunsInOrder() {
    List<TiledImage> pictures = IntStream.range(0, 40).mapToObj(i -> tiled(2, 2, i)).toList();
    try (OnnxVisionEncoder encoder = open("crops-with-attention")) {
      PatchTokens tokens = encoder.encode(pictures, Set.of(new ClsAttention(0)));
      assertThat(tokens.size()).isEqualTo(160);
      for (int i = 0; i < 40; i++) {
        assertThat(tokens.features().get(4 * i, 0)).isEqualTo(i);
      }
    }
    assertThat(TileRun.divide(pictures, 64 * 16, Integer.MAX_VALUE).stream().map(TileRun::tiles))
        .containsExactly(16, 16, 8);
    assertThat(TileRun.divide(pictures, 1, Integer.MAX_VALUE)).hasSize(40);
    assertThat(
            TileRun.divide(List.of(tiled(8, 6, 0)), 64 * 5, Integer.MAX_VALUE).stream()
                .map(TileRun::tiles))
        .containsExactly(5, 5, 3);
  }

  @Test
  void attention_isThatOfTheLayerAskedFor() {
    ClsAttention last = new ClsAttention(-1);
    ClsAttention first = new ClsAttention(0);
    try (OnnxVisionEncoder encoder = open("crops-with-attention")) {
      assertThat(encoder.gives(last)).isTrue();
      assertThat(encoder.gives(new ClsAttention(2))).isTrue();
      assertThat(encoder.gives(new ClsAttention(3))).isFalse();
      assertThat(encoder.gives(new ClsAttention(-4))).isFalse();
      assertThat(encoder.gives(new QuestionEmbeddings())).isFalse();
      PatchTokens tokens =
          encoder.encode(List.of(tiled(2, 2, 0), tiled(2, 2, 50)), Set.of(last, first));
      // Layer l and head h give red + l + 10 h.
      assertThat(tokens.evidence(first).perHead().row(0))
          .containsExactly(0, 1, 2, 3, 50, 51, 52, 53);
      assertThat(tokens.evidence(last).perHead().row(1))
          .containsExactly(12, 13, 14, 15, 62, 63, 64, 65);
      assertThat(tokens.evidence(last).substitute()).isFalse();
    }
  }

  @Test
  void attentionThatTheGraphDoesNotGive_isRefused() {
    try (OnnxVisionEncoder encoder = open("tiles-one-by-one")) {
      ClsAttention last = new ClsAttention(-1);
      assertThat(encoder.gives(last)).isFalse();
      assertThatThrownBy(() -> encoder.encode(List.of(tiled(2, 2, 0)), Set.of(last)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "tiles-one-by-one.onnx cannot provide the evidence ClsAttention[layer=-1]")
          .hasMessageContaining("image_features FLOAT [4, 3]");
    }
  }

  @Test
  void graphOfOneTile_isRunForEachTile() {
    try (OnnxVisionEncoder encoder = open("tiles-one-by-one")) {
      assertThat(reds(encoder.encode(List.of(tiled(4, 2, 0)), Set.of())))
          .containsExactly(0, 1, 4, 5, 2, 3, 6, 7, 0.5f, 2.5f, 4.5f, 6.5f);
    }
  }

  @Test
  void graphOfHalves_takesAndGivesFloats() {
    try (OnnxVisionEncoder encoder = open("tiles-of-halves")) {
      assertThat(reds(encoder.encode(List.of(tiled(2, 2, 5)), Set.of())))
          .containsExactly(5, 6, 7, 8);
    }
  }

  @Test
  void patches_areGivenTokenByTokenWithTheGrid() {
    PatchLayout layout = new PatchLayout(2, 2, 2);
    SmartResizeTiler tiler =
        new SmartResizeTiler(1, 10_000, false, true, layout, ResampleFilter.BOX, BYTES);
    try (OnnxVisionEncoder encoder = open("patches")) {
      PatchTokens tokens =
          encoder.encode(
              Stream.of(squares(3, 2, 0), squares(2, 1, 30)).map(tiler::tile).toList(), Set.of());
      assertThat(reds(tokens)).containsExactly(0, 1, 2, 3, 4, 5, 30, 31);
      assertThat(tokens.tiles()).containsExactly(Tile.global(0, 2, 3), Tile.global(1, 1, 2));
    }
    try (OnnxVisionEncoder encoder = open("patches")) {
      assertThatThrownBy(() -> encoder.encode(List.of(tiled(2, 2, 0)), Set.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("patches.onnx takes patches");
    }
  }

  @Test
  void requestsAtOnce_giveWhatTheyGiveOneByOne() {
    Set<ClsAttention> evidence = Set.of(new ClsAttention(-1));
    try (OnnxVisionEncoder encoder = open("crops-with-attention")) {
      List<PatchTokens> atOnce =
          IntStream.range(0, 64)
              .parallel()
              .mapToObj(i -> encoder.encode(List.of(tiled(4, 4, i)), evidence))
              .toList();
      for (int i = 0; i < 64; i++) {
        assertThat(atOnce.get(i).features())
            .isEqualTo(encoder.encode(List.of(tiled(4, 4, i)), evidence).features());
      }
    }
  }

  @Test
  void noPictures_giveNoTokens() {
    try (OnnxVisionEncoder encoder = open("crops-with-attention")) {
      PatchTokens tokens = encoder.encode(List.of(), Set.of());
      assertThat(tokens.size()).isZero();
      assertThat(tokens.features().cols()).isEqualTo(3);
    }
  }

  @Test
  void featuresThatAreNoNumbers_areRefused() {
    try (OnnxVisionEncoder encoder = open("logarithm")) {
      assertThatThrownBy(() -> encoder.encode(List.of(tiled(2, 2, 0)), Set.of()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("logarithm.onnx gave -Infinity as a feature of visual token 0");
    }
  }

  @Test
  void tileOfAnotherSize_isRefusedWithBothShapes() {
    TiledImage wrong =
        new SingleTiler(null, null, ResampleFilter.BOX, null, BYTES).tile(squares(3, 3, 0));
    try (OnnxVisionEncoder encoder = open("tiles-one-by-one")) {
      assertThatThrownBy(() -> encoder.encode(List.of(wrong), Set.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "tiles-one-by-one.onnx takes pixel_values FLOAT [1, 3, 8, 8] but was given [1, 3, 12,"
                  + " 12]");
    }
  }

  @Test
  void graphsThatAreNoVisionEncoder_areRefused() {
    assertThatThrownBy(() -> open("wants-more"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "wants-more.onnx has inputs that Squint cannot fill: [spatial_shapes INT64 [batch_size,"
                + " 2]]; it can fill [grid_thw, image_grid_thw, pixel_attention_mask, pixel_values]");
  }

  @Test
  void closedEncoder_saysSo() {
    OnnxVisionEncoder encoder = open("tiles-one-by-one");
    encoder.close();
    encoder.close();
    assertThatThrownBy(() -> encoder.encode(List.of(tiled(2, 2, 0)), Set.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tiles-one-by-one.onnx is closed");
  }

  @Test
  void paddedTile_knowsWhichTokensShowThePicture() {
    // 16 x 4 pixels in the middle of 16 x 16: two rows of crops, half of each crop is black.
    TiledImage tiled =
        new AnyResTiler(
                List.of(new Dimensions(16, 16)),
                new Dimensions(8, 8),
                8,
                new SingleTiler(null, null, ResampleFilter.BOX, null, BYTES),
                null)
            .tile(squares(4, 1, 0));
    try (OnnxVisionEncoder encoder = open("crops-with-attention")) {
      List<Tile> tiles = encoder.encode(List.of(tiled), Set.of()).tiles();
      assertThat(tiles.get(0)).isEqualTo(Tile.global(0, 2, 2));
      assertThat(tiles.get(1).shown()).isEqualTo(new Tile.Area(1, 0, 2, 2));
      assertThat(tiles.get(4).shown()).isEqualTo(new Tile.Area(0, 0, 1, 2));
    }
  }

  @Test
  void tokensThatFormNoGrid_areRefused() {
    assertThat(TokenGrid.of(6, 30, 20)).isEqualTo(new TokenGrid(2, 3));
    assertThat(TokenGrid.of(144, 96, 96)).isEqualTo(new TokenGrid(12, 12));
    assertThatThrownBy(() -> TokenGrid.of(7, 8, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("7 visual tokens do not form a grid on a tile of 8 x 8 pixels");
  }
}
