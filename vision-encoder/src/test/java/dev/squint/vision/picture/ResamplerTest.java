package dev.squint.vision.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.testing.RandomTries;
import dev.squint.vision.Fixtures;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResamplerTest {

  @Test
  void everyFilter_givesThePixelsOfPillow() {
    JsonNode fixture = Fixtures.json("resample/expected.json");
    for (JsonNode expected : fixture.get("cases")) {
      Picture source =
          Fixtures.picture(fixture.get("sources").get(expected.get("source").intValue()));
      ResampleFilter filter = ResampleFilter.ofCode(expected.get("resample").intValue());
      Picture target = Fixtures.picture(expected);
      assertThat(
              Fixtures.difference(
                  Resampler.resize(source, target.width(), target.height(), filter), target))
          .as(
              "%s from %d x %d to %d x %d",
              filter, source.width(), source.height(), target.width(), target.height())
          .isZero();
    }
  }

  @Test
  void constantPicture_staysConstant() {
    RandomTries.of(
        100,
        draws ->
            assertStaysConstant(
                draws.constant(ResampleFilter.class),
                draws.integer(0, 255),
                new int[] {draws.integer(1, 40), draws.integer(1, 40)},
                new int[] {draws.integer(1, 40), draws.integer(1, 40)}));
  }

  private static void assertStaysConstant(
      ResampleFilter filter, int grey, int[] size, int[] newSize) {
    byte[] rgb = new byte[3 * size[0] * size[1]];
    Arrays.fill(rgb, (byte) grey);
    Picture resized =
        Resampler.resize(new Picture(size[0], size[1], rgb), newSize[0], newSize[1], filter);
    for (byte value : resized.rgb()) {
      assertThat(value & 0xff).isEqualTo(grey);
    }
  }

  @Test
  void mirroredPicture_givesTheMirroredResult() {
    RandomTries.of(
        50, draws -> assertMirrored(draws.anyLong(), draws.integer(1, 30), draws.integer(1, 30)));
  }

  private static void assertMirrored(long seed, int width, int newWidth) {
    byte[] rgb = new byte[3 * width * 4];
    new Random(seed).nextBytes(rgb);
    Picture picture = new Picture(width, 4, rgb);
    Picture resized = Resampler.resize(picture, newWidth, 5, ResampleFilter.LANCZOS);
    Picture mirrored =
        Resampler.resize(Orientation.upright(picture, 2), newWidth, 5, ResampleFilter.LANCZOS);
    assertThat(Fixtures.difference(Orientation.upright(mirrored, 2), resized))
        .isLessThanOrEqualTo(1);
  }

  @Test
  void sameSize_isTheSamePicture() {
    Picture picture = new Picture(2, 1, new byte[] {1, 2, 3, 4, 5, 6});
    assertThat(Resampler.resize(picture, 2, 1, ResampleFilter.BICUBIC)).isSameAs(picture);
  }

  @Test
  void badArguments_areNamed() {
    Picture picture = new Picture(1, 1, new byte[3]);
    assertThatThrownBy(() -> Resampler.resize(picture, 0, 5, ResampleFilter.BOX))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 x 5");
    assertThatThrownBy(() -> ResampleFilter.ofCode(6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("resample is 6 but must be one of 0 (NEAREST), 1 (LANCZOS)");
  }
}
