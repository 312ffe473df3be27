package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsAttentionAt;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.TiledImage;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What plans read of an encoder: of layers of different sizes, and of none if there is no tile. */
class EncoderEvidenceTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  /** The early layer of FastVLM has four times as many hidden states as the last one. */
  @Test
  void layersOfDifferentSizes_areReadTogetherAsAlone() {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve("fastvlm"));
    Picture picture = new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"));
    List<TiledImage> tiled = model.tiler().tile(List.of(picture));
    ClsAttentionAt early = new ClsAttentionAt(0.25);
    ClsAttention late = new ClsAttention(-1);
    Matrix early1 = read(model, tiled, early, Set.of(early));
    Matrix late1 = read(model, tiled, late, Set.of(late));

    List<List<Evidence<?>>> orders = List.of(List.of(early, late), List.of(late, early));
    for (List<Evidence<?>> order : orders) {
      Set<Evidence<?>> both = new LinkedHashSet<>(order);
      assertThat(read(model, tiled, early, both).data()).isEqualTo(early1.data());
      assertThat(read(model, tiled, late, both).data()).isEqualTo(late1.data());
    }
    assertThat(early1.cols()).isEqualTo(late1.cols());
    assertThat(sum(early1.row(0))).isBetween(0.99, 1.01);
  }

  private static Matrix read(
      VisionLanguageModel model,
      List<TiledImage> tiled,
      Evidence<Attention> evidence,
      Set<? extends Evidence<?>> wanted) {
    PatchTokens tokens = model.encoder().encode(tiled, wanted);
    return tokens.evidence(evidence).perHead();
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "encoder:cls-attention(keep=0.5)",
        "encoder:visionzip(keep=0.5)",
        "encoder:prumerge",
        "encoder:vscan(keep=0.5)",
        "encoder:holitom(keep=0.5)",
        "encoder:fastvid(keep=0.5)"
      })
  void aQuestionWithoutPictures_isAnsweredUnderAnyPlan(String plan) {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve("llava"));
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(2);

    Answer answer = model.ask(List.of(), "Where is it?", options.withPlan(plan));

    assertThat(answer.visualTokens()).isZero();
    assertThat(answer.text()).isEqualTo(model.ask(List.of(), "Where is it?", options).text());
  }
}
