package dev.squint.vision.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static dev.squint.vision.encoder.CutEncoders.FEATURES;
import static dev.squint.vision.encoder.CutEncoders.LLAVA;
import static dev.squint.vision.encoder.CutEncoders.PYTORCH;
import static dev.squint.vision.encoder.CutEncoders.SMOLVLM;
import static dev.squint.vision.encoder.CutEncoders.TINY;
import static dev.squint.vision.encoder.CutEncoders.encode;
import static dev.squint.vision.encoder.CutEncoders.open;
import static dev.squint.vision.encoder.CutEncoders.someGroups;
import static dev.squint.vision.encoder.CutEncoders.tiles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.tile.TiledImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IPCV inside encoders. */
class RowRestoringTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path cache;

  @Test
  void featuresAreThoseOfTheAuthorsCode() throws IOException {
    JsonNode expected = JSON.readTree(Path.of("src/test/resources/graphs/ipcv.json").toFile());
    try (OnnxVisionEncoder encoder = open(LLAVA, cache)) {
      for (JsonNode of : expected.get("cases")) {
        PatchTokens tokens = encode(encoder, tiles(112, 1), of.get("plan").textValue());

        assertThat(tokens.size()).isEqualTo(64);
        int[] eighth = IntStream.range(0, 8).map(i -> 8 * i).toArray();
        assertClose(
            tokens.features().rows(eighth).data(),
            JSON.convertValue(of.get("features"), float[].class),
            PYTORCH,
            of.get("plan").textValue());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({LLAVA + ", 112", SMOLVLM + ", 64"})
  void allTokensReachTheProjector(String graph, int edge) {
    try (OnnxVisionEncoder encoder = open(graph, cache)) {
      TiledImage two = tiles(edge, 2);
      PatchTokens whole = encoder.encode(List.of(two), Set.of());
      PatchTokens all = encode(encoder, two, "encoder2:ipcv(keep=1, stabilised=0)");
      PatchTokens half = encode(encoder, two, "encoder2:ipcv(keep=0.5, stabilised=0)");
      PatchTokens stable = encode(encoder, two, "encoder2:ipcv(keep=0.5, stabilised=9)");

      assertClose(all.features().data(), whole.features().data(), FEATURES, "all kept");
      assertThat(half.positions()).isEqualTo(whole.positions());
      assertThat(half.features()).isNotEqualTo(whole.features());
      assertThat(stable.features()).isNotEqualTo(half.features());
    }
  }

  /** A kept row that attends to all rows as they were is what it would be without a plan. */
  @Test
  void inAStabilisedLayer_keptRowsSeeTheOthers() {
    try (OnnxVisionEncoder encoder = open(LLAVA, cache)) {
      TiledImage one = tiles(112, 1);
      PatchTokens whole = encoder.encode(List.of(one), Set.of());
      PatchTokens stable = encode(encoder, one, "encoder2:ipcv(keep=0.5, stabilised=1)");

      long same =
          IntStream.range(0, 64)
              .filter(
                  i -> {
                    double most = 0;
                    for (int c = 0; c < whole.features().cols(); c++) {
                      double difference = whole.features().get(i, c) - stable.features().get(i, c);
                      most = Math.max(most, Math.abs(difference));
                    }
                    return most < 1e-4;
                  })
              .count();
      assertThat(same).isEqualTo(32);
    }
  }

  @Test
  void ofTokensThatAreEncoded_allComeBack() {
    try (OnnxVisionEncoder encoder = open(TINY, cache)) {
      assertThat(encode(encoder, someGroups(), "encoder2:ipcv(keep=0.25)").size()).isEqualTo(48);
    }
  }

  /** 144 patches of 192, of which 36 and the CLS token are kept; restored once. */
  @Test
  void operationsAreThoseOfTheDecisionAndOfRestoring() {
    try (OnnxVisionEncoder encoder = open(TINY, cache)) {
      PatchTokens quarter = encode(encoder, tiles(96, 1), "encoder2:ipcv(keep=0.25, stabilised=0)");

      double decision = 144 * (3 * 192 + 1);
      double nearest = 3.0 * 108 * 37 * 192;
      double restored = 192 * (37 + 108 * (10 + 2));
      assertThat(quarter.operations()).isEqualTo(decision + nearest + restored);
    }
  }

  @Test
  void whatCannotBeDone_isRefused() {
    try (OnnxVisionEncoder encoder = open(TINY, cache)) {
      assertThatThrownBy(() -> encoder.check(PruningPlan.parse("encoder1:ipcv(keep=0.5)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "at 'encoder1' there are no hidden states before the last layer; choose encoder2 or a later point");
      assertThatThrownBy(
              () ->
                  encoder.check(
                      PruningPlan.parse(
                          "encoder2:ipcv(keep=0.5) + encoder:cls-attention(keep=0.5)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no layer has ClsAttention[layer=-1] of all tokens");
      encoder.check(PruningPlan.parse("encoder2:ipcv(keep=0.5) + encoder:divprune(keep=0.5)"));
    }
  }
}
