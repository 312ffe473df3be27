package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.decoder.PositionIds;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.TiledImage;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.StreamSupport;

/** Reads and checks what a model's own preprocessing and graphs gave, as the fixtures hold it. */
final class Recorded {
  private Recorded() {}

  /** Looks a value up by its index in the flattened tensor. */
  interface Values {
    float at(int index);
  }

  /** The pixels of all pictures, one after the other, in the order that the encoder takes. */
  static double checkPixels(List<TiledImage> tiled, JsonNode expected, float tolerance) {
    List<FloatBuffer> taken = tiled.stream().map(Recorded::asTheEncoderTakesThem).toList();
    float[] all = new float[taken.stream().mapToInt(FloatBuffer::remaining).sum()];
    int at = 0;
    for (FloatBuffer pixels : taken) {
      int count = pixels.remaining();
      pixels.get(all, at, count);
      at += count;
    }
    return checkValues(all, expected, tolerance);
  }

  private static FloatBuffer asTheEncoderTakesThem(TiledImage image) {
    PatchLayout layout = image.patchLayout();
    return layout == null
        ? image.pixels()
        : layout.patches(image.pixels(), image.tileWidth(), image.tileHeight());
  }

  /**
   * A whole tensor: its size, the samples of it and its absolute sum. Gives the largest difference
   * of a sample.
   */
  static double checkValues(float[] values, JsonNode expected, float tolerance) {
    long count = 1;
    for (JsonNode dimension : expected.get("shape")) {
      count *= dimension.asLong();
    }
    assertThat(values).hasSize((int) count);
    double worst = checkSamples(i -> values[i], expected.get("samples"), tolerance);
    double sum = 0;
    for (float value : values) {
      sum += Math.abs(value);
    }
    double expectedSum = expected.get("abs_sum").asDouble();
    assertThat(sum).isCloseTo(expectedSum, within(tolerance * expectedSum));
    return worst;
  }

  /** Gives the largest difference. */
  static double checkSamples(Values values, JsonNode samples, float tolerance) {
    assertThat(samples).isNotEmpty();
    double worst = 0;
    for (JsonNode sample : samples) {
      float value = values.at(sample.get(0).asInt());
      float expected = (float) sample.get(1).asDouble();
      assertThat(value).isCloseTo(expected, within(tolerance));
      worst = Math.max(worst, Math.abs(value - expected));
    }
    return worst;
  }

  /** Position ids, [B, S] or [3, B, S] of one sequence. */
  static PositionIds positions(JsonNode expected) {
    boolean apart = expected.get(0).get(0).isArray();
    return PositionIds.of(
        StreamSupport.stream(expected.spliterator(), false)
            .map(axis -> longs(apart ? axis.get(0) : axis))
            .toArray(long[][]::new));
  }

  static long[] longs(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToLong(JsonNode::asLong).toArray();
  }
}
