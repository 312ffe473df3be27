package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static dev.squint.testing.Closeness.assertCloseAt;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.testing.Closeness;
import dev.squint.testing.Tolerance;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.PatchSheet;
import dev.squint.vision.tile.TiledImage;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** Reads and checks what a model's own preprocessing and graphs gave, as the fixtures hold it. */
final class Recorded {
  // Many small differences add up, or cancel out.
  private static final Tolerance SUM = Tolerance.relative(1e-3);

  private Recorded() {}

  /** The pixels of all pictures, one after the other, in the order that the encoder takes. */
  static double checkPixels(List<TiledImage> tiled, JsonNode expected, Tolerance tolerance) {
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

  /** The pixels of a picture in the order that the encoder takes. */
  static FloatBuffer asTheEncoderTakesThem(TiledImage image) {
    if (image.tiles().get(0).sheet() != null) {
      List<FloatBuffer> tiles =
          IntStream.range(0, image.tiles().size())
              .mapToObj(tile -> PatchSheet.patches(image, tile))
              .toList();
      FloatBuffer all = FloatBuffer.allocate(tiles.stream().mapToInt(FloatBuffer::remaining).sum());
      tiles.forEach(all::put);
      return all.flip();
    }
    PatchLayout layout = image.patchLayout();
    return layout == null
        ? image.pixels()
        : layout.patches(image.pixels(), image.tileWidth(), image.tileHeight());
  }

  /**
   * A whole tensor: its size, the samples of it and its absolute sum. Gives the largest difference
   * of a sample.
   */
  static double checkValues(float[] values, JsonNode expected, Tolerance tolerance) {
    long count = 1;
    for (JsonNode dimension : expected.get("shape")) {
      count *= dimension.asLong();
    }
    assertThat(values).hasSize((int) count);
    double worst = checkSamples(values, expected.get("samples"), tolerance, "values");
    double sum = 0;
    for (float value : values) {
      sum += Math.abs(value);
    }
    double expectedSum = expected.get("abs_sum").asDouble();
    assertClose(sum, expectedSum, SUM, "sum of all magnitudes");
    return worst;
  }

  /** Gives the largest difference; the scale is that of all values. */
  static double checkSamples(float[] values, JsonNode samples, Tolerance tolerance, String what) {
    assertThat(samples).isNotEmpty();
    double scale = Closeness.scale(values);
    double worst = 0;
    for (JsonNode sample : samples) {
      int at = sample.get(0).asInt();
      double expected = sample.get(1).asDouble();
      assertCloseAt(scale, values[at], expected, tolerance, "%s, element %d", what, at);
      worst = Math.max(worst, Math.abs(values[at] - expected));
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

  /** Checks the logits after a prompt, and the tokens that a greedy answer has. */
  static void checkAnswer(
      StagedDecoder decoder, PromptEmbeddings prompt, JsonNode expected, Tolerance tolerance) {
    try (DecodingSession session = decoder.prefill(PrefillRequest.of(prompt))) {
      JsonNode logits = expected.get("first_step_logits").get("sampled");
      checkSamples(session.logits(), logits, tolerance, "logits");
      for (long token : longs(expected.get("greedy_tokens"))) {
        assertThat((long) Sampler.GREEDY.next(session.logits())).isEqualTo(token);
        session.append(token);
      }
    }
  }
}
