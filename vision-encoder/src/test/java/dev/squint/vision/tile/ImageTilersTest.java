package dev.squint.vision.tile;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.pruner.Tile;
import dev.squint.testing.Tolerance;
import dev.squint.vision.Fixtures;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.picture.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTilersTest {
  // The fixture has seven digits; values lie between -3 and 3. Plain Java, and the hash below is
  // of all bits.
  private static final Tolerance VALUE = Tolerance.absolute(1e-6);

  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Arguments> everyProcessor() {
    return StreamSupport.stream(Fixtures.json("tiles/expected.json").spliterator(), false)
        .map(
            expected ->
                Arguments.of(
                    expected.get("name").textValue() + " " + expected.get("pictures"), expected));
  }

  /** Sizes of the default model: a tile of 96 pixels, at most 192 pixels, the native size. */
  @ParameterizedTest
  @CsvSource({
    "192, 160, 1, 2 x 2",
    "192, 160, 2, 4 x 4",
    "192, 144, 2, 3 x 4",
    "192, 160, 0.5, 0 x 0",
    "96, 96, 1, 0 x 0",
    "96, 96, 2, 2 x 2",
    "1000, 500, 2, 2 x 4"
  })
  void levelsOfIdefics3_haveCropsOfLargerAndSmallerPictures(
      int width, int height, double factor, String grid) throws IOException {
    JsonNode config =
        JSON.readTree(
            """
            {"image_processor_type": "Idefics3ImageProcessor", "size": {"longest_edge": 192},
             "max_image_size": {"longest_edge": 96}, "native_size_cap": true}""");
    ImageTiler level = ImageTilers.of(config).scaled(factor).orElseThrow();
    TiledImage tiled = level.tile(new Picture(width, height, new byte[3 * width * height]));

    assertThat(tiled.cropRows() + " x " + tiled.cropCols()).isEqualTo(grid);
    assertThat(tiled.tiles()).hasSize(level.tiles(new Dimensions(width, height)));
    assertThat(tiled.pictureWidth()).isEqualTo(width);
    assertThat(tiled.tiles().get(tiled.tiles().size() - 1).region())
        .isEqualTo(new Region(0, 0, width, height));
  }

  @Test
  void otherTilers_haveOneLevel() throws IOException {
    JsonNode whole =
        JSON.readTree(
            "{\"image_processor_type\": \"Idefics3ImageProcessor\", \"do_image_splitting\": false}");
    JsonNode clip = JSON.readTree("{\"image_processor_type\": \"CLIPImageProcessor\"}");

    assertThat(ImageTilers.of(whole).scaled(2)).isEmpty();
    assertThat(ImageTilers.of(clip).scaled(2)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyProcessor")
  void givesTheVeryPixelValuesOfTransformers(String name, JsonNode expected) {
    List<Picture> pictures = new ArrayList<>();
    for (JsonNode file : expected.get("pictures")) {
      pictures.add(picture(file.textValue()));
    }
    List<TiledImage> tiled = ImageTilers.of(expected.get("config")).tile(pictures);
    assertThat(tiled).hasSameSizeAs(pictures);
    for (int i = 0; i < tiled.size(); i++) {
      assertPixelValues(tiled.get(i), expected.get("pixel_values").get(i));
    }
    if (expected.has("grid")) {
      assertThat(tiled.get(0).cropRows()).isEqualTo(expected.get("grid").get(0).intValue());
      assertThat(tiled.get(0).cropCols()).isEqualTo(expected.get("grid").get(1).intValue());
    }
  }

  private static void assertPixelValues(TiledImage tiled, JsonNode expected) {
    PatchLayout layout = tiled.patchLayout();
    FloatBuffer values =
        layout == null
            ? tiled.pixels()
            : layout.patches(tiled.pixels(), tiled.tileWidth(), tiled.tileHeight());
    List<Integer> shape =
        layout == null
            ? List.of(tiled.tiles().size(), 3, tiled.tileHeight(), tiled.tileWidth())
            : List.of(
                tiled.tileHeight() * tiled.tileWidth() / (layout.patch() * layout.patch()),
                3 * layout.temporal() * layout.patch() * layout.patch());
    assertThat(expected.get("shape")).map(JsonNode::intValue).isEqualTo(shape);
    for (JsonNode sample : expected.get("samples")) {
      int at = sample.get(0).intValue();
      assertClose(values.get(at), sample.get(1).doubleValue(), VALUE, "value %d", at);
    }
    assertThat(sha256(values)).isEqualTo(expected.get("sha256").textValue());
  }

  private static String sha256(FloatBuffer values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.remaining() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static Picture picture(String file) {
    return new PictureReader().read(Fixtures.bytes("tiles/" + file), file);
  }

  private static ObjectNode config(String json) {
    try {
      return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static final String IDEFICS3 =
      "{'image_processor_type': 'Idefics3ImageProcessor', 'size': {'longest_edge': 64},"
          + " 'max_image_size': {'longest_edge': 16}}";

  @Test
  void idefics3_placesCropsRowByRowAndTheGlobalViewLast() {
    TiledImage tiled = ImageTilers.of(config(IDEFICS3)).tile(blank(128, 64));
    assertThat(tiled.tiles()).hasSize(9);
    assertThat(tiled.cropRows()).isEqualTo(2);
    assertThat(tiled.cropCols()).isEqualTo(4);
    TilePlacement sixth = tiled.tiles().get(6);
    assertThat(sixth.crop()).isEqualTo(new Tile.Crop(1, 2, 2, 4));
    assertThat(sixth.region()).isEqualTo(new Region(64, 32, 96, 64));
    assertThat(tiled.tiles().get(8).isGlobal()).isTrue();
    assertThat(tiled.tiles().get(8).region()).isEqualTo(new Region(0, 0, 128, 64));
    assertThat(IntStream.range(0, 8).mapToObj(i -> tiled.tiles().get(i)))
        .noneMatch(TilePlacement::isGlobal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        IDEFICS3,
        "{'image_processor_type': 'Idefics3ImageProcessor', 'do_image_splitting': false}",
        "{'image_processor_type': 'CLIPImageProcessor'}",
        "{'image_processor_type': 'LlavaOnevisionImageProcessor', 'size': 10,"
            + " 'default_to_square': true, 'image_grid_pinpoints': [[20, 20], [10, 30]]}",
        "{'image_processor_type': 'Gemma3ImageProcessor', 'do_pan_and_scan': true,"
            + " 'pan_and_scan_min_crop_size': 20, 'pan_and_scan_max_num_crops': 4,"
            + " 'pan_and_scan_min_ratio_to_activate': 1.2}",
        "{'image_processor_type': 'GotOcr2ImageProcessor', 'size': {'height': 10, 'width': 10}}",
        "{'image_processor_type': 'PixtralImageProcessor', 'size': {'longest_edge': 64}}",
        "{'image_processor_type': 'Lfm2VlImageProcessor', 'tile_size': 64, 'max_image_tokens': 16,"
            + " 'min_image_tokens': 4, 'encoder_patch_size': 8}",
        "{'image_processor_type': 'Qwen2VLImageProcessor'}"
      })
  void tilesOfASize_areAsManyAsOfAPictureOfThatSize(String config) {
    ImageTiler tiler = ImageTilers.of(config(config));
    for (int[] size : new int[][] {{9, 16}, {64, 64}, {200, 40}, {1000, 300}, {700, 701}}) {
      List<Picture> pictures = List.of(blank(size[0], size[1]), blank(40, 50));
      Dimensions one = new Dimensions(size[0], size[1]);
      assertThat(tiler.tiles(one)).isEqualTo(tiler.tile(pictures.get(0)).tiles().size());
      assertThat(tiler.tiles(List.of(one, new Dimensions(40, 50))))
          .isEqualTo(tiler.tile(pictures).stream().mapToInt(t -> t.tiles().size()).sum());
    }
  }

  @Test
  void nativeSizeCap_neverEnlargesAPictureIntoMoreTilesThanItFills() {
    ImageTiler tiler = ImageTilers.of(config(IDEFICS3).put("native_size_cap", true));
    assertThat(tiler.tile(blank(9, 16)).tiles()).hasSize(1);
    assertThat(tiler.tile(blank(17, 16)).tiles()).hasSize(2 * 2 + 1);
    assertThat(tiler.tile(blank(17, 5)).tiles()).hasSize(2 + 1);
    assertThat(tiler.tile(blank(500, 500)).tiles()).hasSize(4 * 4 + 1);
    assertThat(ImageTilers.of(config(IDEFICS3)).tile(blank(9, 16)).tiles()).hasSize(4 * 3 + 1);
  }

  private static final String INTERNVL =
      "{'image_processor_type': 'GotOcr2ImageProcessor', 'size': {'height': 16, 'width': 16},"
          + " 'max_patches': 6}";

  @Test
  void internVl_squeezesIntoTheGridOfTheClosestAspect_theWholePictureLast() {
    TiledImage tiled = ImageTilers.of(config(INTERNVL)).tile(blank(90, 30));
    assertThat(tiled.tiles()).hasSize(4);
    assertThat(tiled.tiles().get(1).crop()).isEqualTo(new Tile.Crop(0, 1, 1, 3));
    assertThat(tiled.tiles().get(1).region()).isEqualTo(new Region(30, 0, 60, 30));
    assertThat(tiled.tiles().get(3).isGlobal()).isTrue();
  }

  @Test
  void internVl_takesTheLargerOfEqualGridsUpToTwiceThePicture() {
    ImageTiler tiler = ImageTilers.of(config(INTERNVL));
    // 22 x 22 pixels are less than half of 2 x 2 tiles of 16 x 16, 23 x 23 are more.
    assertThat(tiler.tiles(new Dimensions(22, 22))).isEqualTo(1);
    assertThat(tiler.tiles(new Dimensions(23, 23))).isEqualTo(5);
  }

  @Test
  void internVlWithANativeSizeCap_hasNoMoreCropsThanThePictureFills() {
    ImageTiler tiler = ImageTilers.of(config(INTERNVL).put("native_size_cap", true));
    assertThat(tiler.tiles(new Dimensions(16, 5))).isEqualTo(1);
    assertThat(tiler.tiles(new Dimensions(17, 5))).isEqualTo(3);
    assertThat(ImageTilers.of(config(INTERNVL)).tiles(new Dimensions(16, 5))).isEqualTo(4);
  }

  @Test
  void pixtral_shrinksIntoTheBoxAndRoundsUpToTokens() {
    ImageTiler tiler =
        ImageTilers.of(
            config(
                "{'image_processor_type': 'PixtralImageProcessor', 'size': {'longest_edge': 64},"
                    + " 'patch_size': 8, 'spatial_merge_size': 2}"));
    assertThat(tiler.tile(blank(33, 20)).tile()).isEqualTo(new Dimensions(48, 32));
    assertThat(tiler.tile(blank(130, 60)).tile()).isEqualTo(new Dimensions(64, 32));
    assertThat(tiler.tile(blank(600, 2)).tile()).isEqualTo(new Dimensions(64, 16));
  }

  @Test
  void sheets_holdThePatchesOfATileRowByRow() {
    ImageTiler tiler =
        ImageTilers.of(
            config(
                "{'image_processor_type': 'Lfm2VlImageProcessor', 'tile_size': 8,"
                    + " 'max_image_tokens': 4, 'min_image_tokens': 1, 'encoder_patch_size': 2}"));
    // Of each pixel, red is its column and green its row.
    byte[] rgb = new byte[3 * 12 * 4];
    for (int i = 0; i < 12 * 4; i++) {
      rgb[3 * i] = (byte) (i % 12);
      rgb[3 * i + 1] = (byte) (i / 12);
    }
    TiledImage tiled = tiler.tile(new Picture(12, 4, rgb));

    assertThat(tiled.tile()).isEqualTo(new Dimensions(8, 8));
    assertThat(tiled.tiles()).hasSize(1);
    assertThat(tiled.tiles().get(0).sheet()).isEqualTo(new TokenGrid(1, 3));
    FloatBuffer patches = PatchSheet.patches(tiled, 0);
    assertThat(patches.remaining()).isEqualTo(2 * 6 * 2 * 2 * 3);
    // The seventh patch begins at column 0 and row 2, its last pixel is at (1, 3).
    int seventh = 6 * 12;
    assertThat(patches.get(seventh)).isEqualTo(-1f);
    assertClose(patches.get(seventh + 1), 2 / 127.5 - 1, VALUE, "green of the first pixel");
    assertClose(patches.get(seventh + 9), 1 / 127.5 - 1, VALUE, "red of the last pixel");
    assertClose(patches.get(seventh + 10), 3 / 127.5 - 1, VALUE, "green of the last pixel");
  }

  @Test
  void largePicturesOnSheets_areCropsAndTheWholePictureInAnotherSize() {
    ImageTiler tiler =
        ImageTilers.of(
            config(
                "{'image_processor_type': 'Lfm2VlImageProcessor', 'tile_size': 16,"
                    + " 'max_image_tokens': 4, 'min_image_tokens': 1, 'encoder_patch_size': 4}"));
    TiledImage tiled = tiler.tile(blank(60, 20));

    assertThat(tiled.tiles()).hasSize(4);
    assertThat(tiled.tiles().get(1).crop()).isEqualTo(new Tile.Crop(0, 1, 1, 3));
    assertThat(tiled.tiles().get(1).sheet()).isEqualTo(new TokenGrid(2, 2));
    assertThat(tiled.tiles().get(3).isGlobal()).isTrue();
    assertThat(tiled.tiles().get(3).sheet()).isEqualTo(new TokenGrid(1, 3));
  }

  @Test
  void centreCrop_showsTheMiddleOfThePicture() {
    ImageTiler tiler =
        ImageTilers.of(
            config(
                "{'image_processor_type': 'CLIPImageProcessor', 'size': {'shortest_edge': 10},"
                    + " 'crop_size': 10}"));
    assertThat(tiler.tile(blank(40, 20)).tiles().get(0).region())
        .isEqualTo(new Region(10, 0, 30, 20));
  }

  @Test
  void anyRes_placesTheGlobalViewFirstAndCropsBeyondThePictureWherePadded() {
    ImageTiler tiler =
        ImageTilers.of(
            config(
                "{'image_processor_type': 'LlavaOnevisionImageProcessor', 'size': 10,"
                    + " 'default_to_square': true, 'image_grid_pinpoints': [[20, 20]]}"));
    TiledImage tiled = tiler.tile(blank(40, 20));
    assertThat(tiled.tiles()).hasSize(5);
    assertThat(tiled.tiles().get(0).isGlobal()).isTrue();
    assertThat(tiled.tiles().get(1).region()).isEqualTo(new Region(0, -10, 20, 10));
    assertThat(tiled.tiles().get(4).region()).isEqualTo(new Region(20, 10, 40, 30));
  }

  @Test
  void anyRes_ofResolutionsThatShowTheSame_takesTheOneWithLessPadding_thenTheFirst() {
    String config =
        "{'image_processor_type': 'LlavaOnevisionImageProcessor', 'size': 10,"
            + " 'default_to_square': true, 'image_grid_pinpoints': [%s]}";
    // Height, width. A picture of 10 x 10 pixels is shown whole by each.
    TiledImage less =
        ImageTilers.of(config(config.formatted("[20,20],[10,20]"))).tile(blank(10, 10));
    TiledImage tall =
        ImageTilers.of(config(config.formatted("[20,10],[10,20]"))).tile(blank(10, 10));
    TiledImage wide =
        ImageTilers.of(config(config.formatted("[10,20],[20,10]"))).tile(blank(10, 10));

    assertThat(List.of(less.cropRows(), less.cropCols())).containsExactly(1, 2);
    assertThat(List.of(tall.cropRows(), tall.cropCols())).containsExactly(2, 1);
    assertThat(List.of(wide.cropRows(), wide.cropCols())).containsExactly(1, 2);
  }

  @ParameterizedTest
  @CsvSource({"140, 70, 140, 56", "70, 140, 56, 140", "140, 98, 140, 112", "98, 140, 112, 140"})
  void smartResize_halvesOfATokenAreRoundedToEven_inWidthAndHeight(
      int width, int height, int newWidth, int newHeight) {
    // Tokens have 28 pixels: 70 are 2.5 of them, 98 are 3.5.
    TiledImage tiled =
        ImageTilers.of(config("{'image_processor_type': 'Qwen2VLImageProcessor'}"))
            .tile(blank(width, height));

    assertThat(List.of(tiled.tileWidth(), tiled.tileHeight())).containsExactly(newWidth, newHeight);
  }

  @Test
  void anyRes_showsTheTokensThatTransformersKeeps() {
    ImageTiler tiler =
        ImageTilers.of(config("{'image_processor_type': 'LlavaOnevisionImageProcessor'}"));
    TokenGrid grid = new TokenGrid(27, 27);
    for (JsonNode expected : Fixtures.json("tiles/unpadded.json")) {
      TiledImage tiled =
          tiler.tile(blank(expected.get("width").intValue(), expected.get("height").intValue()));
      assertThat(27 * tiled.cropRows()).isEqualTo(expected.get("rows").intValue());
      assertThat(27 * tiled.cropCols()).isEqualTo(expected.get("cols").intValue());
      int top = expected.get("shown").get(0).intValue();
      int left = expected.get("shown").get(1).intValue();
      int bottom = expected.get("shown").get(2).intValue();
      int right = expected.get("shown").get(3).intValue();
      for (TilePlacement placement : tiled.tiles()) {
        Tile tile = grid.tile(0, placement, tiled);
        Tile.Crop crop = tile.crop();
        for (int row = 0; row < 27; row++) {
          for (int col = 0; col < 27; col++) {
            boolean shown = true;
            if (crop != null) {
              int jointRow = 27 * crop.row() + row;
              int jointCol = 27 * crop.col() + col;
              shown = jointRow >= top && jointRow < bottom && jointCol >= left && jointCol < right;
            }
            assertThat(tile.shown().contains(row, col))
                .as("%s token %d, %d of %s", expected, row, col, crop)
                .isEqualTo(shown);
          }
        }
      }
    }
  }

  @Test
  void processorClass_isUsedWhereNoImageProcessorIsNamed() {
    TiledImage tiled =
        ImageTilers.of(
                config(
                    "{'processor_class': 'LlavaProcessor', 'size': [8, 6], 'crop_size': [8, 6]}"))
            .tile(blank(3, 3));
    assertThat(tiled.tileHeight()).isEqualTo(8);
    assertThat(tiled.tileWidth()).isEqualTo(6);
  }

  @Test
  void badConfigurations_areNamed() {
    assertRefused(
        "{'image_processor_type': 'FancyImageProcessor'}",
        "image_processor_type 'FancyImageProcessor' and processor_class ''; supported are"
            + " [CLIPImageProcessor, ");
    assertRefused(
        "{'image_processor_type': 'Mineru2ImageProcessor', 'processor_class': 'LlavaProcessor'}",
        "image_processor_type 'Mineru2ImageProcessor' and processor_class 'LlavaProcessor'");
    assertRefused("{}", "supported are");
    String clip = "{'image_processor_type': 'CLIPImageProcessor', ";
    assertRefused(clip + "'size': 'large'}", "has size \"large\" but it must be a number,");
    assertRefused(clip + "'size': {'longest_edge': 5}}", "shortest_edge and longest_edge");
    assertRefused(clip + "'size': {'height': 0, 'width': 3}}", "size.height");
    assertRefused(clip + "'crop_size': -1}", "crop_size -1");
    assertRefused(clip + "'do_resize': 'yes'}", "do_resize \"yes\" but it must be true or false");
    assertRefused(clip + "'resample': 9}", "resample is 9");
    assertRefused(clip + "'image_mean': [1, 2]}", "image_mean [1,2]");
    assertRefused(
        "{'image_processor_type': 'Gemma3ImageProcessor', 'do_pan_and_scan': true}",
        "pan_and_scan_min_crop_size");
    assertRefused(
        "{'image_processor_type': 'Qwen2VLImageProcessor', 'patch_size': 0}", "patch_size 0");
  }

  private static void assertRefused(String json, String message) {
    assertThatThrownBy(() -> ImageTilers.of(config(json)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void tooLongForTheModel_isRefused() {
    ImageTiler qwen = ImageTilers.of(config("{'image_processor_type': 'Qwen2VLImageProcessor'}"));
    assertThatThrownBy(() -> qwen.tile(blank(201, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("201 x 1");
  }

  private static Picture blank(int width, int height) {
    return new Picture(width, height, new byte[3 * width * height]);
  }

  @ParameterizedTest
  @CsvSource({"VLMImageProcessor, 43", "JanusImageProcessor, 44"})
  void bothProcessorsOfJanus_padToASquare_butRoundInTheirOwnWay(String type, int rows)
      throws IOException {
    String size =
        type.startsWith("VLM")
            ? "'image_size': 56, 'background_color': [127, 127, 127]"
            : "'size': {'height': 56, 'width': 56}, 'image_mean': 0.5, 'image_std': 0.5";
    JsonNode config =
        JSON.readTree(
            "{'image_processor_type': '%s', %s}".formatted(type, size).replace('\'', '"'));
    byte[] white = new byte[3 * 90 * 70];
    Arrays.fill(white, (byte) 255);

    TiledImage tiled = ImageTilers.of(config).tile(new Picture(90, 70, white));

    FloatBuffer pixels = tiled.pixels();
    assertThat(pixels.remaining()).isEqualTo(3 * 56 * 56);
    long shown = IntStream.range(0, 56).filter(row -> pixels.get(row * 56) > pixels.get(0)).count();
    assertThat(shown).isEqualTo(rows);
    assertThat(pixels.get((56 - rows) / 2 * 56)).isGreaterThan(pixels.get(0));
    assertThat(tiled.tiles().get(0).region().top()).isNegative();
  }

  @Test
  void janusWithoutPadding_isRefused() throws IOException {
    JsonNode config =
        JSON.readTree("{\"image_processor_type\": \"JanusImageProcessor\", \"do_pad\": false}");

    assertThatThrownBy(() -> ImageTilers.of(config))
        .hasMessageContaining("has do_pad false but Janus takes squares");
  }
}
