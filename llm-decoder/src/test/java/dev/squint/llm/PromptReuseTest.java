package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.prefix.PrefixCache;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A prompt that begins as an earlier one is answered as if all of it had been computed. */
class PromptReuseTest {
  // A prompt in two parts is summed in other blocks than the whole. Measured: 7.3e-7 of the scale
  // with AVX2.
  private static final Tolerance SAME = Tolerance.relative(1e-5);
  // A half has 11 bits: each rounding is up to 4.9e-4 of the scale.
  private static final Tolerance HALVES = Tolerance.relative(5e-3);

  // Eight bits: codes are 1/255 of the range apart, and every layer rounds again. Measured: 0.045
  // of the scale.
  private static final Tolerance EIGHT_BITS = Tolerance.relative(0.2);

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path TINY = Path.of("../samples/tiny-vlm/package");
  private static final Path LLAVA = PACKAGES.resolve("llava");
  private static final String FIRST = "What is in the picture?";
  private static final String SECOND = "Is there a red circle to the left of the others?";

  /** The prompt sees all of itself, or a picture does; or states replace keys. */
  private static final Set<String> WITHOUT =
      Set.of("paligemma", "gemma3-types", "qwen3.5", "lfm2-vl", "florence2");

  /** They answer one question and know no conversations. */
  private static final Set<String> ONE_QUESTION = Set.of("paligemma", "moondream1", "florence2");

  private static final PictureReader READER = new PictureReader();

  static Stream<Path> packages() throws IOException {
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      List<Path> all = new ArrayList<>(folders.sorted().toList());
      all.removeIf(folder -> !Files.exists(folder.resolve("test/expected.json")));
      assertThat(all).hasSizeGreaterThan(15);
      all.add(TINY);
      return all.stream();
    }
  }

  private static Picture picture(Path folder) {
    return READER.read((folder.equals(TINY) ? LLAVA : folder).resolve("test/small_90x70.png"));
  }

  /** An answer with the logits of all its tokens. */
  private record Recorded(Answer answer, List<float[]> logits, List<Integer> tokens) {}

  private static Recorded ask(VisionLanguageModel model, List<Message> conversation, String plan) {
    return ask(model, conversation, AskOptions.DEFAULT.withPlan(plan));
  }

  private static Recorded ask(
      VisionLanguageModel model, List<Message> conversation, AskOptions options) {
    List<float[]> logits = new ArrayList<>();
    List<Integer> tokens = new ArrayList<>();
    Sampler watched =
        all -> {
          logits.add(all.clone());
          tokens.add(Sampler.GREEDY.next(all));
          return tokens.get(tokens.size() - 1);
        };
    Answer answer = model.ask(conversation, options.withMaxTokens(16).withSampler(() -> watched));
    return new Recorded(answer, logits, tokens);
  }

  /** Asks with and without reuse; both must say the same. */
  private static Answer same(
      VisionLanguageModel model,
      List<Message> conversation,
      AskOptions options,
      Tolerance tolerance) {
    Recorded reused = ask(model, conversation, options);
    Recorded whole = ask(model, conversation, options.withPromptReuse(false));
    assertThat(reused.tokens).isEqualTo(whole.tokens);
    for (int i = 0; i < whole.logits.size(); i++) {
      assertClose(
          reused.logits.get(i), whole.logits.get(i), tolerance, "logits of answer token %d", i);
    }
    Answer answer = reused.answer;
    assertThat(whole.answer.reusedTokens()).isZero();
    assertThat(whole.answer.timings().cachedPrefillMillis()).isZero();
    assertThat(answer.text()).isEqualTo(whole.answer.text());
    assertThat(answer.promptTokens()).isEqualTo(whole.answer.promptTokens());
    assertThat(answer.kvBytes()).isEqualTo(whole.answer.kvBytes());
    assertThat(answer.prefillRuns()).isEqualTo(whole.answer.prefillRuns());
    assertThat(answer.reusedTokens()).isBetween(0, answer.promptTokens() - 1);
    assertThat(answer.timings().cachedPrefillMillis() > 0).isEqualTo(answer.reusedTokens() > 0);
    return answer;
  }

  private static List<Message> question(Path folder, String question) {
    return question(picture(folder), question);
  }

  private static List<Message> question(Picture picture, String question) {
    return List.of(Message.user(List.of(picture), question));
  }

  private static Answer same(VisionLanguageModel model, List<Message> conversation, String plan) {
    return same(model, conversation, AskOptions.DEFAULT.withPlan(plan), SAME);
  }

  /** One load of each package; each part asks about a picture that is new to the model. */
  @ParameterizedTest
  @MethodSource("packages")
  void aSecondQuestion_aChat_andPlansBeforeTheDecoder_goOnBehindThePicture(Path folder) {
    Picture picture = picture(folder);
    String name = folder.getFileName().toString();
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      checkSecondQuestion(model, picture, !WITHOUT.contains(name));
      if (!ONE_QUESTION.contains(name)) {
        checkChat(model, darker(picture, 1));
      }
      checkPlansBeforeTheDecoder(model, darker(picture, 2));
    }
  }

  private static Picture darker(Picture picture, int bits) {
    byte[] rgb = picture.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) ((rgb[i] & 0xff) >> bits);
    }
    return new Picture(picture.width(), picture.height(), rgb);
  }

  private static void checkSecondQuestion(
      VisionLanguageModel model, Picture picture, boolean reuses) {
    Answer first = ask(model, question(picture, FIRST), "none").answer;
    assertThat(first.reusedTokens()).isZero();
    Answer second = same(model, question(picture, SECOND), "none");
    Answer again = same(model, question(picture, SECOND), "none");
    PrefixCache prefixes = model.parts().decoders().staged().prefixes();
    if (reuses) {
      assertThat(second.reusedTokens()).isGreaterThan(second.visualTokens() / 2);
      assertThat(again.reusedTokens()).isBetween(again.promptTokens() - 16, again.promptTokens());
      assertThat(prefixes.bytes()).isPositive();
    } else {
      assertThat(second.reusedTokens()).isZero();
      assertThat(prefixes.bytes()).isZero();
    }
    assertThat(prefixes.keeps()).isEqualTo(reuses);
  }

  private static void checkChat(VisionLanguageModel model, Picture picture) {
    List<Message> chat = new ArrayList<>(question(picture, FIRST));
    Answer first = ask(model, chat, "none").answer;
    assertThat(first.reusedTokens())
        .as("the picture is new")
        .isLessThanOrEqualTo(first.promptTokens() - first.visualTokens());
    chat.add(new Message("assistant", List.of(new Content.Text("A red circle and a star."))));
    chat.add(Message.user(SECOND));
    Answer second = same(model, chat, "none");
    chat.add(new Message("assistant", List.of(new Content.Text("Yes."))));
    chat.add(Message.user(FIRST));
    Answer third = same(model, chat, "none");
    if (model.parts().decoders().staged().prefixes().keeps()) {
      assertThat(second.reusedTokens()).isGreaterThan(first.promptTokens() - 32);
      assertThat(third.reusedTokens()).isGreaterThan(second.promptTokens() - 32);
    }
  }

  private static void checkPlansBeforeTheDecoder(VisionLanguageModel model, Picture picture) {
    String grid = "encoder:uniform-grid(keep=0.75)";
    ask(model, question(picture, FIRST), "none");
    Answer other = same(model, question(picture, FIRST), grid);
    Answer second = same(model, question(picture, SECOND), grid);
    assertThat(second.reusedTokens()).isGreaterThanOrEqualTo(other.reusedTokens());
    // What is kept may depend on the question; what is reused then ends where that begins.
    String asked = "encoder:cdpruner(keep=0.75)";
    ask(model, question(picture, FIRST), asked);
    same(model, question(picture, SECOND), asked);
  }

  @Test
  void aDecoderThatIsCut_reusesInAllItsStages_andNotWhereThePlanActs() {
    Path folder = PACKAGES.resolve("tiled");
    Picture wide = READER.read(LLAVA.resolve("test/wide_300x150.png"));
    List<Message> first = List.of(Message.user(List.of(wide), FIRST));
    List<Message> second = List.of(Message.user(List.of(wide), SECOND));
    List<String> acting =
        List.of(
            "layer2:fastv(keep=0.5)",
            "cache:h2o(keep=0.5)",
            "decoder:skipdecode(answer=8)",
            "encoder:deepstack(groups=3)",
            "encoder:uniform-grid(keep=0.5) + layer2:fastv(keep=0.5)");
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      ask(model, first, "none");
      assertThat(model.parts().decoders().staged().prefixes().bytes()).isPositive();
      acting.forEach(plan -> model.prepare(PruningPlan.parse(plan)));
      assertThat(model.decoder().stages()).hasSizeGreaterThan(1);
      assertThat(model.parts().decoders().staged().prefixes().bytes())
          .as("of the decoder that was cut again")
          .isZero();
      ask(model, first, "none");
      for (String plan : acting) {
        assertThat(same(model, first, plan).reusedTokens()).as(plan).isZero();
        assertThat(same(model, second, plan).reusedTokens()).as(plan).isZero();
      }
      Answer again = same(model, second, "none");
      assertThat(again.reusedTokens()).isGreaterThan(again.visualTokens());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fp16", "q4"})
  void otherTypes_areReusedAsTheyAre(String form) {
    Path folder = PACKAGES.resolve("llava-onevision-variants");
    LoadOptions options = LoadOptions.DEFAULT.withVariants(Variants.parse("decoder=" + form));
    try (VisionLanguageModel model = VisionLanguageModel.load(folder, options)) {
      ask(model, question(folder, FIRST), "none");
      Tolerance tolerance = form.equals("fp16") ? HALVES : SAME;
      Answer second = same(model, question(folder, SECOND), AskOptions.DEFAULT, tolerance);
      assertThat(second.reusedTokens()).isPositive();
      assertThat(second.notes()).isEmpty();
    }
  }

  @Test
  void promptsOfGraphsThatRoundAllTokensTogether_areReusedWithinTheirRounding() {
    Path folder = PACKAGES.resolve("llava-onevision-variants");
    LoadOptions options = LoadOptions.DEFAULT.withVariants(Variants.parse("decoder=quantized"));
    try (VisionLanguageModel model = VisionLanguageModel.load(folder, options)) {
      ask(model, question(folder, FIRST), "none");
      Recorded reused = ask(model, question(folder, SECOND), "none");
      Recorded whole =
          ask(model, question(folder, SECOND), AskOptions.DEFAULT.withPromptReuse(false));

      assertThat(reused.answer.reusedTokens()).isPositive();
      assertClose(reused.logits.get(0), whole.logits.get(0), EIGHT_BITS, "first logits");
    }
  }

  @Test
  void anAnswerSaysWhyNothingIsReused() {
    Path folder = PACKAGES.resolve("paligemma");
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      ask(model, question(folder, FIRST), "none");
      assertThat(ask(model, question(folder, FIRST), "none").answer.notes())
          .containsExactly(
              "earlier prompts are not reused: tokens of a prompt attend to later ones");
      AskOptions without = AskOptions.DEFAULT.withPromptReuse(false);
      assertThat(ask(model, question(folder, FIRST), without).answer.notes()).isEmpty();
    }
  }

  @Test
  void questionsAtOnce_whileWhatTheyReadIsEvicted_areAnsweredAsAlone() throws Exception {
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] rgb = new byte[3 * 96 * 96];
      Arrays.fill(rgb, i * 96 * 96, (i + 1) * 96 * 96, (byte) 200);
      pictures.add(new Picture(96, 96, rgb));
    }
    // Room for less than two of the three prompts.
    LoadOptions options = LoadOptions.DEFAULT.withPrefixCacheBytes(1_000_000);
    try (VisionLanguageModel model = VisionLanguageModel.load(TINY, options)) {
      Map<String, Recorded> alone = new HashMap<>();
      List<Callable<Boolean>> work = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        Picture picture = pictures.get(i % 3);
        String question = i % 2 == 0 ? FIRST : SECOND;
        List<Message> conversation = List.of(Message.user(List.of(picture), question));
        String name = i % 3 + question;
        alone.computeIfAbsent(
            name, unknown -> ask(model, conversation, AskOptions.DEFAULT.withPromptReuse(false)));
        work.add(
            () -> {
              Recorded recorded = ask(model, conversation, "none");
              Recorded expected = alone.get(name);
              assertThat(recorded.tokens).isEqualTo(expected.tokens);
              for (int t = 0; t < recorded.logits.size(); t++) {
                assertClose(
                    recorded.logits.get(t), expected.logits.get(t), SAME, "logits of token %d", t);
              }
              return recorded.answer.reusedTokens() > 0;
            });
      }
      assertThat(model.parts().decoders().staged().prefixes().bytes()).isZero();
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        int reused = 0;
        for (Future<Boolean> future : threads.invokeAll(work)) {
          reused += future.get() ? 1 : 0;
        }
        assertThat(reused).isPositive();
      } finally {
        threads.shutdown();
      }
      assertThat(model.parts().decoders().staged().prefixes().bytes())
          .isBetween(500_000L, 1_000_000L);
    }
  }

  @Test
  void whatIsBrokenOff_leavesNothingWrongBehind() {
    try (VisionLanguageModel model = VisionLanguageModel.load(TINY)) {
      for (int asked = 1; asked < 8; asked++) {
        int[] left = {asked};
        Thread asking = Thread.currentThread();
        AskOptions options =
            AskOptions.DEFAULT.cancelledBy(
                () -> Thread.currentThread().equals(asking) && left[0]-- <= 0);
        Answer answer = ask(model, question(TINY, FIRST), options).answer;
        assertThat(answer.finishReason()).isIn(FinishReason.CANCELLED, FinishReason.STOP);
        same(model, question(TINY, SECOND), "none");
      }
    }
  }

  @Test
  void withoutBytes_nothingIsKept_andFewerThanNoneAreRefused() {
    LoadOptions none = LoadOptions.DEFAULT.withPrefixCacheBytes(0);
    try (VisionLanguageModel model = VisionLanguageModel.load(LLAVA, none)) {
      ask(model, question(LLAVA, FIRST), "none");
      assertThat(ask(model, question(LLAVA, FIRST), "none").answer.reusedTokens()).isZero();
      assertThat(model.parts().decoders().staged().prefixes().bytes()).isZero();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoadOptions.DEFAULT.withPrefixCacheBytes(-1))
        .withMessageContaining("-1");
  }
}
