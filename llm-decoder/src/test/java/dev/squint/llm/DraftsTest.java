package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.session.Drafts;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that were guessed and run together give the logits that they give one by one. */
class DraftsTest {

  // Several rows are summed in other blocks than one. Measured: 1.2e-6 of the scale with AVX-512.
  private static final Tolerance SAME = Tolerance.relative(1e-5);

  /** Repeats itself, and leaves what it repeats after one, two and four tokens. */
  private static final int[] SCRIPT = {
    11, 12, 13, 14, 15, 16, 17, 11, 12, 13, 20, 21, 11, 12, 13, 14, 22, 12, 13, 14, 15, 16, 17, 11,
    12
  };

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  private record Scripted(Answer answer, List<float[]> logits) {}

  /** Chooses the tokens of the script, whatever the logits are. */
  private static Scripted ask(String name, AskOptions options) {
    Path folder = PACKAGES.resolve(name);
    List<float[]> logits = new ArrayList<>();
    Sampler script =
        all -> {
          logits.add(all.clone());
          return SCRIPT[logits.size() - 1];
        };
    Message question =
        new Message(
            "user",
            List.of(
                new Content.Image(
                    new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"))),
                new Content.Text("What is it?")));
    Answer answer =
        LoadedModels.of(folder)
            .ask(List.of(question), options.withMaxTokens(SCRIPT.length).withSampler(() -> script));
    return new Scripted(answer, logits);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llava", "smolvlm2-fused", "qwen2-vl-fused", "gemma3", "gemma3-fused", "gemma3n"})
  void drafts_changeNothing(String name) {
    Scripted alone = ask(name, AskOptions.DEFAULT);
    Scripted drafted = ask(name, AskOptions.DEFAULT.withDraftTokens(5));
    assertThat(drafted.logits).hasSameSizeAs(alone.logits);
    for (int i = 0; i < alone.logits.size(); i++) {
      assertClose(drafted.logits.get(i), alone.logits.get(i), SAME, "logits of token %d", i);
    }
    assertThat(drafted.answer.text()).isEqualTo(alone.answer.text());
    assertThat(drafted.answer.kvBytes()).isEqualTo(alone.answer.kvBytes());
    assertThat(alone.answer.counts().drafts()).isEqualTo(Drafts.NONE);
    Drafts drafts = drafted.answer.counts().drafts();
    assertThat(drafts.accepted()).isGreaterThanOrEqualTo(6);
    assertThat(drafts.tried()).isGreaterThan(drafts.accepted());
  }

  @Test
  void decodersWithStates_runWithoutDrafts_andSaySo() {
    Answer answer = ask("lfm2-vl", AskOptions.DEFAULT.withDraftTokens(5)).answer;
    assertThat(answer.counts().drafts()).isEqualTo(Drafts.NONE);
    assertThat(answer.notes())
        .contains("no tokens are drafted: the decoder keeps states that are not rows of tokens");
  }

  @Test
  void plansOnTheCache_runWithoutDrafts_andSaySo() {
    Answer answer =
        ask("tiled", AskOptions.DEFAULT.withDraftTokens(5).withPlan("cache:snapkv(keep=0.5)"))
            .answer;
    assertThat(answer.counts().drafts()).isEqualTo(Drafts.NONE);
    assertThat(answer.notes()).anyMatch(note -> note.startsWith("no tokens are drafted: the plan"));
  }

  @Test
  void draftsOfTooManyTokens_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AskOptions.DEFAULT.withDraftTokens(33))
        .withMessage("draft tokens must be in 0..32 but were 33");
  }
}
