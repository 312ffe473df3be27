package dev.squint.vision.tile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiles have the same content if and only if they have the same pixels. */
class TileContentsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String IDEFICS3 =
      "{'image_processor_type': 'Idefics3ImageProcessor', 'size': {'longest_edge': 64},"
          + " 'max_image_size': {'longest_edge': 16}}";

  private static ImageTiler tiler(String config) {
    return ImageTilers.of(json(config));
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Noise above, one colour below, so that some tiles are equal. */
  private static Picture picture(int seed) {
    byte[] rgb = new byte[3 * 96 * 64];
    byte[] noise = new byte[rgb.length / 2];
    new Random(seed).nextBytes(noise);
    System.arraycopy(noise, 0, rgb, 0, noise.length);
    return new Picture(96, 64, rgb);
  }

  private static Picture withOneOtherPixel(Picture picture) {
    byte[] rgb = picture.rgb().clone();
    rgb[7] ^= 64;
    return new Picture(picture.width(), picture.height(), rgb);
  }

  private static FloatBuffer pixels(TiledImage picture, int tile) {
    int size = picture.pixels().remaining() / picture.tiles().size();
    return picture.pixels().slice(tile * size, size);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        IDEFICS3,
        "{'image_processor_type': 'Phi3VImageProcessor', 'num_crops': 4}",
        "{'image_processor_type': 'Qwen2VLImageProcessor', 'min_pixels': 3136, 'max_pixels': 12544,"
            + " 'patch_size': 14, 'temporal_patch_size': 2, 'merge_size': 2}"
      })
  void sameContent_isSamePixels(String config) {
    Map<String, FloatBuffer> byContent = new HashMap<>();
    Map<FloatBuffer, String> byPixels = new HashMap<>();
    int tiles = 0;
    for (Picture picture :
        List.of(picture(1), picture(2), withOneOtherPixel(picture(1)), picture(1))) {
      TiledImage tiled = tiler(config).tile(picture);
      assertThat(tiled.contents()).hasSameSizeAs(tiled.tiles());
      for (int tile = 0; tile < tiled.tiles().size(); tile++, tiles++) {
        FloatBuffer pixels = pixels(tiled, tile);
        String content = tiled.contents().get(tile);
        assertThat(byContent.computeIfAbsent(content, first -> pixels)).isEqualTo(pixels);
        assertThat(byPixels.computeIfAbsent(pixels, first -> content)).isEqualTo(content);
      }
    }
    assertThat(byContent).hasSizeBetween(3, tiles - 1).hasSameSizeAs(byPixels);
  }

  @Test
  void otherScaling_isOtherContent() {
    String other = IDEFICS3.replace("'size'", "'image_mean': [0.1, 0.5, 0.5], 'size'");
    assertThat(tiler(other).tile(picture(1)).contents())
        .doesNotContainAnyElementsOf(tiler(IDEFICS3).tile(picture(1)).contents());
  }

  @Test
  void aFileAndItsImage_haveTheSameContent() throws IOException {
    byte[] file = picture(3).toPng();
    Picture ofFile = new PictureReader().read(file, "picture.png");
    Picture ofImage = Picture.of(ImageIO.read(new ByteArrayInputStream(file)));
    assertThat(tiler(IDEFICS3).tile(ofImage).contents())
        .isEqualTo(tiler(IDEFICS3).tile(ofFile).contents());
  }

  @Test
  void tilesKeepTheirContent_whenSomeAreTaken() {
    TiledImage tiled = tiler(IDEFICS3).tile(picture(4));
    assertThat(tiled.only(2, 0).contents())
        .containsExactly(tiled.contents().get(2), tiled.contents().get(0));
    assertThat(tiled.keeping(List.of()).contents()).isEqualTo(tiled.contents());
  }

  @Test
  void tilesThatFollowEachOther_shareTheirPixels_andOthersAreCopied() {
    TiledImage tiled = tiler(IDEFICS3).tile(picture(4));
    FloatBuffer own = DirectBuffers.floats(tiled.pixels().remaining());
    own.put(tiled.pixels()).flip();
    TiledImage original =
        new TiledImage(
            tiled.picture(),
            tiled.tile(),
            tiled.tiles(),
            tiled.patchLayout(),
            tiled.frames(),
            own,
            tiled.kept(),
            tiled.contents());
    int each = own.remaining() / tiled.tiles().size();

    TiledImage following = original.only(1, 2);
    assertThat(following.pixels()).isEqualTo(own.slice(each, 2 * each));
    TiledImage turned = original.only(2, 1);
    assertThat(turned.pixels().slice(0, each)).isEqualTo(own.slice(2 * each, each));
    assertThat(turned.pixels().slice(each, each)).isEqualTo(own.slice(each, each));

    own.put(2 * each, -9f);
    assertThat(following.pixels().get(each)).isEqualTo(-9f);
    assertThat(turned.pixels().get(0)).isNotEqualTo(-9f);
  }

  @Test
  void framesTogether_haveAContentForEachOrder() {
    List<TiledImage> one =
        Stream.of(1, 2)
            .map(
                seed ->
                    tiler(
                            "{'image_processor_type': 'SiglipImageProcessor', 'size':"
                                + " {'height': 32, 'width': 32}}")
                        .tile(picture(seed)))
            .toList();
    List<String> contents = new ArrayList<>();
    contents.addAll(TiledImage.together(one).contents());
    contents.addAll(TiledImage.together(List.of(one.get(1), one.get(0))).contents());
    contents.addAll(TiledImage.together(List.of(one.get(0), one.get(0))).contents());
    assertThat(contents).hasSize(3).doesNotHaveDuplicates();
    assertThat(TiledImage.together(one).contents()).containsExactly(contents.get(0));
  }
}
