package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** YOPO: visual tokens attend to text before them and to their neighbours, later ones too. */
class NeighbourAttentionTest {
  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path LLAVA = PACKAGES.resolve("llava");
  private static final int LAYERS = 4;
  private static final int TOKENS = 3;
  // As in MaskComparison: the same sums in other blocks.
  private static final Tolerance LOGITS = Tolerance.relative(2e-4);

  @TempDir static Path cache;

  private static Picture picture() {
    return new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));
  }

  private static RecordedTokens ask(VisionLanguageModel model, String plan) {
    RecordedTokens recorded = new RecordedTokens();
    model.ask(
        List.of(picture()),
        MaskComparison.QUESTION,
        recorded.options().withPlan(plan).withMaxTokens(TOKENS));
    return recorded;
  }

  @Test
  void logitsAreThoseOfRowsThatSeeTheirNeighbours() {
    VisionLanguageModel model = LoadedModels.of(LLAVA);
    RecordedTokens plain = ask(model, "layer3:uniform-grid(tokens=0)");
    RecordedTokens actual = ask(model, "decoder:yopo(from=0.75, window=3)");

    List<Message> conversation = List.of(Message.user(List.of(picture()), MaskComparison.QUESTION));
    PatchTokens visual = model.encoder().encode(model.tiler().tile(List.of(picture())), Set.of());
    Prompt prompt = model.writer().write(conversation, visual);
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, visual, model.decoder().embeddings());
    try (MaskedDecoder reference = new MaskedDecoder(model.model(), cache)) {
      float[] first = reference.prefill(embeddings, sees(prompt, visual));
      assertClose(actual.logits().get(0), first, LOGITS, "first token");
      assertThat(difference(plain.logits().get(0), first)).isGreaterThan(1e-2f);

      List<boolean[]> held = new ArrayList<>();
      for (int layer = 0; layer < LAYERS; layer++) {
        boolean[] all = new boolean[embeddings.tokens()];
        Arrays.fill(all, true);
        for (int row : layer < 3 ? new int[0] : prompt.visual()) {
          all[row] = false;
        }
        held.add(all);
      }
      long[] positions = new long[LAYERS];
      Arrays.fill(positions, embeddings.nextPosition());
      float[] second = reference.append(actual.tokens().get(0), held, positions, Set.of());
      assertClose(actual.logits().get(1), second, LOGITS, "second token");

      // The graphs stay rewritten, and other plans attend as before.
      MaskComparison.check(model, reference, picture(), "layer2:fastv(keep=0.5)");
    }
    assertThat(ask(model, "layer3:uniform-grid(tokens=0)").tokens()).isEqualTo(plain.tokens());
  }

  private static float difference(float[] one, float[] other) {
    float most = 0;
    for (int i = 0; i < one.length; i++) {
      most = Math.max(most, Math.abs(one[i] - other[i]));
    }
    return most;
  }

  private static List<boolean[][]> sees(Prompt prompt, PatchTokens visual) {
    int tokens = prompt.ids().length;
    TokenPosition[] at = new TokenPosition[tokens];
    for (int i = 0; i < visual.size(); i++) {
      at[prompt.visual()[i]] = visual.positions().get(i);
    }
    List<boolean[][]> layers = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      boolean[][] sees = new boolean[tokens][tokens];
      for (int i = 0; i < tokens; i++) {
        for (int j = 0; j < tokens; j++) {
          boolean pair = at[i] != null && at[j] != null;
          sees[i][j] =
              pair
                  ? Math.abs(at[i].row() - at[j].row()) <= 1
                      && Math.abs(at[i].col() - at[j].col()) <= 1
                  : j <= i && (layer < 3 || at[j] == null);
        }
      }
      layers.add(sees);
    }
    return layers;
  }

  @Test
  void batchesAndReusedPromptsAnswerAsBefore() {
    RecordedTokens alone = ask(LoadedModels.of(LLAVA), "decoder:yopo(from=0.75, window=3)");
    try (VisionLanguageModel batched =
        VisionLanguageModel.load(
            LLAVA, LoadOptions.DEFAULT.withBatching(new BatchSettings(2, 8, 1 << 30, false)))) {
      assertThat(ask(batched, "decoder:yopo(from=0.75, window=3)").tokens())
          .isEqualTo(alone.tokens());
      List<Integer> plain = ask(LoadedModels.of(LLAVA), "none").tokens();
      assertThat(ask(batched, "none").tokens()).isEqualTo(plain);
      assertThat(ask(batched, "none").tokens()).isEqualTo(plain);
    }
  }

  @Test
  void whatCannotFollow_isRefusedByName() {
    PruningPlan plan = PruningPlan.parse("decoder:yopo(window=5)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoadedModels.of(PACKAGES.resolve("smolvlm2-fused")).check(plan))
        .withMessageContaining("GroupQueryAttention")
        .withMessageContaining("hides later tokens itself");
    LoadedModels.of(PACKAGES.resolve("smolvlm2-fused")).check(PruningPlan.parse("decoder:yopo"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LoadedModels.of(LLAVA)
                    .check(PruningPlan.parse("decoder:yopo(window=5) + cache:h2o(keep=0.5)")))
        .withMessageContaining("methods on the cache read; remove them");
  }
}
