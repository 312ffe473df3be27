package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** DeepStack in a running model, against additions that are worked out from the mosaic directly. */
class DeepStackPlanTest {
  // The same sums, in the same order. Measured: 0 with AVX2.
  private static final Tolerance LOGITS = Tolerance.relative(1e-5);

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String QUESTION = "What is in the picture?";
  private static VisionLanguageModel tiled;
  private static Picture wide;

  @BeforeAll
  static void load() {
    tiled = LoadedModels.of(PACKAGES.resolve("tiled"));
    wide = new PictureReader().read(PACKAGES.resolve("llava/test/wide_300x150.png"));
  }

  @Test
  void addsEachGroupAfterItsLayer() {
    PatchTokens all = tiled.encoder().encode(tiled.tiler().tile(List.of(wide)), Set.of());
    Tile.Crop grid = Objects.requireNonNull(all.tiles().get(0).crop());
    int groups = grid.gridRows() * grid.gridCols();
    assertThat(groups).as("crops of this picture").isBetween(2, 3);
    String plan = "encoder:deepstack(groups=%d)".formatted(groups);
    List<float[]> logits = new ArrayList<>();
    Answer answer =
        tiled.ask(List.of(wide), QUESTION, recording(logits).withMaxTokens(3).withPlan(plan));

    int[] global =
        IntStream.range(0, all.size())
            .filter(i -> all.tiles().get(all.positions().get(i).tile()).isGlobal())
            .toArray();
    assertThat(answer.keptVisualTokens()).isEqualTo(global.length);
    assertThat(answer.prefillRuns()).allMatch(run -> answer.visualTokens(run) == global.length);
    PatchTokens kept = all.reduced(TokenReduction.keep(all.size(), global));
    Prompt prompt = tiled.writer().write(List.of(Message.user(List.of(wide), QUESTION)), kept);
    PromptEmbeddings embeddings = tiled.writer().embed(prompt, kept, tiled.decoder().embeddings());
    try (DecodingSession session =
        tiled
            .decoder()
            .prefill(
                PrefillRequest.of(embeddings)
                    .withHook(end -> added(end, all, kept, prompt.visual(), grid)))) {
      for (int step = 0; step < 3; step++) {
        assertClose(logits.get(step), session.logits(), LOGITS, "logits of step %d", step);
        session.append(Sampler.GREEDY.next(session.logits()));
      }
    }
    List<float[]> without = new ArrayList<>();
    try (DecodingSession session = tiled.decoder().prefill(PrefillRequest.of(embeddings))) {
      without.add(session.logits());
    }
    assertThat(without.get(0)).isNotEqualTo(logits.get(0));
  }

  /**
   * After layer g + 1 the g-th token of each cell of the mosaic, cells laid over the global view.
   */
  private static StageInput added(
      StageEnd end, PatchTokens all, PatchTokens kept, int[] visual, Tile.Crop grid) {
    int group = end.layers() - 1;
    if (group >= grid.gridRows() * grid.gridCols()) {
      return StageInput.everything(end);
    }
    Matrix hidden = end.hidden().rows(visual);
    float[] sum = hidden.data().clone();
    for (int i = 0; i < kept.size(); i++) {
      TokenPosition at = kept.positions().get(i);
      int row = at.row() * grid.gridRows() + group / grid.gridCols();
      int col = at.col() * grid.gridCols() + group % grid.gridCols();
      float[] source = all.features().row(mosaic(all, row, col));
      for (int d = 0; d < source.length; d++) {
        sum[i * source.length + d] += source[d];
      }
    }
    return StageInput.everything(end)
        .changing(new StageInput.Changed(visual, new Matrix(hidden.rows(), hidden.cols(), sum)));
  }

  private static int mosaic(PatchTokens all, int row, int col) {
    for (int i = 0; i < all.size(); i++) {
      TokenPosition at = all.positions().get(i);
      Tile tile = all.tiles().get(at.tile());
      Tile.Crop crop = tile.crop();
      if (crop != null
          && crop.row() * tile.rows() + at.row() == row
          && crop.col() * tile.cols() + at.col() == col) {
        return i;
      }
    }
    throw new AssertionError("no token at %d, %d of the mosaic".formatted(row, col));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> tiled.check(PruningPlan.parse("encoder:deepstack(groups=4)")))
        .hasMessageContaining("layer1 to layer3, not at 'layer4'");
    assertThatThrownBy(
            () ->
                tiled.ask(
                    List.of(wide),
                    QUESTION,
                    AskOptions.DEFAULT.withPlan("encoder:deepstack(groups=1)")))
        .hasMessageContaining("1 groups cannot hold the tokens of")
        .hasMessageContaining("write groups=");
  }

  private static AskOptions recording(List<float[]> logits) {
    return AskOptions.DEFAULT.withSampler(
        () ->
            now -> {
              logits.add(now.clone());
              return Sampler.GREEDY.next(now);
            });
  }
}
