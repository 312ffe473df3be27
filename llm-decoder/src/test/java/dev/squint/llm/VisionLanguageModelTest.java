package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.Sampler;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VisionLanguageModelTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path LLAVA = PACKAGES.resolve("llava");
  private static final Path TILED = PACKAGES.resolve("tiled");
  private static final String QUESTION = "What is in the picture?";
  private static VisionLanguageModel llava;
  private static VisionLanguageModel tiled;
  private static Picture small;
  private static Picture wide;

  @BeforeAll
  static void load() {
    llava = VisionLanguageModel.load(LLAVA);
    tiled = VisionLanguageModel.load(TILED);
    small = new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));
    wide = new PictureReader().read(LLAVA.resolve("test/wide_300x150.png"));
  }

  @AfterAll
  static void close() {
    llava.close();
    tiled.close();
  }

  @Test
  void answer_isTheTextThatTransformersGenerates() {
    Answer answer = llava.ask(List.of(small), QUESTION, AskOptions.DEFAULT.withMaxTokens(16));

    assertThat(answer.text()).isEqualTo("l~ white6gce helpfu\uFFFDlp white6g cirg\uFFFD is");
    assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(answer.promptTokens()).isEqualTo(81);
    assertThat(answer.completionTokens()).isEqualTo(16);
    assertThat(answer.visualTokens()).isEqualTo(64);
    assertThat(answer.keptVisualTokens()).isEqualTo(64);
    // The last token is not decoded: nothing follows it.
    assertThat(answer.kvBytes()).isEqualTo((81 + 15) * llava.decoder().cacheBytesPerToken());
    assertThat(answer.notes()).isEmpty();
  }

  @Test
  void secondQuestionAboutAPicture_doesNotEncodeAgain_andSaysWhatItSaved() {
    try (VisionLanguageModel fresh = VisionLanguageModel.load(TILED)) {
      Answer first = fresh.ask(wide, QUESTION);
      Answer second = fresh.ask(wide, QUESTION);
      Answer other = fresh.ask(small, QUESTION);

      assertThat(first.timings().cachedEncodeMillis()).isZero();
      assertThat(second.timings().cachedEncodeMillis()).isPositive();
      assertThat(second.text()).isEqualTo(first.text());
      assertThat(other.timings().cachedEncodeMillis()).isZero();
    }
  }

  @Test
  void timings_areOfPhasesThatFollowEachOther() {
    Timings timings = ask(llava, "none", 8).timings();

    double before =
        timings.preprocessMillis()
            + timings.encodeMillis()
            + timings.pruneMillis()
            + timings.prefillMillis();
    assertThat(timings.preprocessMillis()).isPositive();
    assertThat(timings.encodeMillis()).isPositive();
    assertThat(timings.prefillMillis()).isPositive();
    assertThat(timings.decodeMillis()).isPositive();
    assertThat(timings.firstTokenMillis()).isGreaterThanOrEqualTo(before);
    assertThat(timings.totalMillis()).isGreaterThanOrEqualTo(before + timings.decodeMillis());
  }

  @Test
  void eachPhaseIsReportedWhenItHasEnded() {
    List<RequestPhase> ended = new ArrayList<>();
    List<RequestPhase> beforeText = new ArrayList<>();
    llava.ask(
        List.of(small),
        QUESTION,
        AskOptions.DEFAULT
            .withMaxTokens(2)
            .notifyingOf(ended::add)
            .streamingTo(piece -> beforeText.addAll(ended)));

    assertThat(ended).containsExactly(RequestPhase.values());
    assertThat(beforeText).contains(RequestPhase.PREFILL).doesNotContain(RequestPhase.GENERATE);
  }

  @Test
  void phasesAfterACancellation_areNotReported() {
    List<RequestPhase> ended = new ArrayList<>();
    llava.ask(
        List.of(small),
        QUESTION,
        AskOptions.DEFAULT
            .notifyingOf(ended::add)
            .cancelledBy(() -> ended.contains(RequestPhase.ENCODE)));

    assertThat(ended).containsExactly(RequestPhase.PREPROCESS, RequestPhase.ENCODE);
  }

  @Test
  void keepAll_isNoPlanTokenForToken() {
    for (VisionLanguageModel model : List.of(llava, tiled)) {
      List<Integer> expected = tokens(model, "none");
      assertThat(tokens(model, "encoder:random(keep=1.0)")).isEqualTo(expected);
      assertThat(tokens(model, "encoder:uniform-grid(keep=1.0)")).isEqualTo(expected);
      assertThat(tokens(model, "encoder:average-pool(keep=1.0)")).isEqualTo(expected);
      assertThat(tokens(model, "encoder:text-guided(keep=1.0)")).isEqualTo(expected);
    }
    assertThat(tokens(tiled, "encoder:cls-attention(keep=1.0)")).isEqualTo(tokens(tiled, "none"));
  }

  @Test
  void fewerTokens_makeAShorterPromptAndASmallerCache() {
    Answer whole = ask(tiled, "none", 4);
    Answer part = ask(tiled, "encoder:cls-attention(keep=0.25)", 4);

    assertThat(whole.visualTokens()).isEqualTo(5 * 36);
    assertThat(part.visualTokens()).isEqualTo(5 * 36);
    assertThat(part.keptVisualTokens()).isEqualTo(45);
    assertThat(part.promptTokens()).isLessThanOrEqualTo(whole.promptTokens() - 3 * 45);
    assertThat(part.kvBytes()).isLessThan(whole.kvBytes() / 2);
    assertThat(part.reduction().kept()).hasSize(45);
    assertThat(part.tiles()).hasSize(5);
    assertThat(part.text()).isNotEqualTo(whole.text());
  }

  @Test
  void map_showsTheDroppedPartsDimmed() {
    Answer whole = ask(tiled, "none", 1);
    Answer part = ask(tiled, "encoder:cls-attention(keep=0.25)", 1);

    assertThat(tiled.map(List.of(small), whole).get(0).rgb()).isEqualTo(small.rgb());
    Picture map = tiled.map(List.of(small), part).get(0);
    assertThat(map.width()).isEqualTo(90);
    assertThat(brightness(map)).isBetween(0.2 * brightness(small), 0.7 * brightness(small));
  }

  @Test
  void tilesThatThePlanLeavesOut_areNeitherEncodedNorAnnounced() {
    Answer whole = ask(tiled, "none", 1);
    Answer part = ask(tiled, "tiles:thumbnail(crops=1)", 1);

    assertThat(whole.encoding()).isEqualTo(new Encoding(5, 5, 180, 180));
    assertThat(part.encoding()).isEqualTo(new Encoding(5, 2, 72, 180));
    assertThat(part.visualTokens()).isEqualTo(180);
    assertThat(part.keptVisualTokens()).isEqualTo(72);
    assertThat(part.tiles()).isEqualTo(whole.tiles());
    // Three crops less: their tokens, their two markers each, and the line break of a row.
    assertThat(part.promptTokens()).isEqualTo(whole.promptTokens() - 3 * (36 + 2) - 1);
    Picture map = tiled.map(List.of(small), part).get(0);
    assertThat(brightness(map)).isBetween(0.5 * brightness(small), 0.8 * brightness(small));
  }

  @Test
  void allCropsKept_isNoPlanTokenForToken() {
    List<Integer> expected = tokens(tiled, "none");
    assertThat(tokens(tiled, "tiles:thumbnail(keep=1.0)")).isEqualTo(expected);
    assertThat(tokens(tiled, "tiles:text(keep=1.0)")).isEqualTo(expected);
    assertThat(tokens(tiled, "tiles:downsample(keep=1.0)")).isEqualTo(expected);
  }

  @Test
  void methodsAfterTheEncoder_actAmongTheTilesThatRemain() {
    Answer answer = ask(tiled, "tiles:thumbnail(keep=0.5) + encoder:globalcom2(keep=0.25)", 1);

    assertThat(answer.encoding()).isEqualTo(new Encoding(5, 3, 108, 180));
    assertThat(answer.keptVisualTokens()).isEqualTo(27);
    assertThat(answer.reduction().before()).isEqualTo(180);
  }

  @Test
  void tilesChosenByText_dependOnTheQuestion() {
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan("tiles:text(crops=1)");
    Set<List<Integer>> chosen = new HashSet<>();
    for (String question :
        List.of("Is there a red circle?", "How many bars?", "What is written?", "Where?")) {
      int[] kept = tiled.ask(List.of(wide), question, options).reduction().kept();
      chosen.add(Arrays.stream(kept).boxed().toList());
    }
    assertThat(chosen).hasSizeGreaterThan(1);
  }

  @Test
  void downsample_isAboutTheShareOfTheTokens() {
    Answer half = ask(tiled, "tiles:downsample(keep=0.5)", 1);
    Answer less = ask(tiled, "tiles:downsample(keep=0.1)", 1);

    assertThat(half.encoding()).isEqualTo(new Encoding(5, 1, 36, 180));
    assertThat(half.keptVisualTokens()).isEqualTo(36);
    assertThat(less.encoding()).isEqualTo(new Encoding(5, 1, 36, 180));
    assertThat(less.keptVisualTokens()).isEqualTo(16);
    // Tokens that lie half on the picture's edge are dropped.
    Picture map = tiled.map(List.of(small), less).get(0);
    assertThat(brightness(map)).isBetween(0.8 * brightness(small), 0.999 * brightness(small));
    // The smallest of pictures still is a picture for a model of one tile.
    Answer single = ask(llava, "tiles:downsample(keep=0.25)", 1);
    assertThat(single.encoding()).isEqualTo(new Encoding(1, 1, 64, 64));
    assertThat(single.keptVisualTokens()).isEqualTo(16);
  }

  @Test
  void nativeSizeCap_keepsSmallPicturesInOneTile() {
    Picture tiny = small.crop(0, 0, 40, 30);
    assertThat(tiled.ask(tiny, QUESTION).encoding().tiles()).isEqualTo(5);
    try (VisionLanguageModel capped =
        VisionLanguageModel.load(TILED, LoadOptions.DEFAULT.withNativeSizeCap(true))) {
      assertThat(capped.ask(tiny, QUESTION).encoding()).isEqualTo(new Encoding(1, 1, 36, 36));
      assertThat(capped.ask(small, QUESTION).text()).isEqualTo(tiled.ask(small, QUESTION).text());
    }
  }

  private static double brightness(Picture picture) {
    double sum = 0;
    for (byte value : picture.rgb()) {
      sum += value & 0xff;
    }
    return sum;
  }

  @Test
  void textGuided_readsTheQuestion() {
    String plan = "encoder:text-guided(keep=0.25)";
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan);

    int[] one = tiled.ask(List.of(small), "Is there a red circle?", options).reduction().kept();
    int[] other = tiled.ask(List.of(small), "How many bars?", options).reduction().kept();

    assertThat(one).hasSize(45).isNotEqualTo(other);
  }

  @Test
  void encodersThatShowNothing_areTappedAndCut() {
    Answer zipped = ask(llava, "encoder:visionzip(keep=0.5)", 4);
    assertThat(zipped.keptVisualTokens()).isEqualTo(32);
    assertThat(zipped.notes()).isEmpty();

    Answer merged = ask(llava, "encoder1:tome(keep=0.5) + encoder:cls-attention(keep=0.5)", 4);
    assertThat(merged.visualTokens()).isEqualTo(64);
    assertThat(merged.keptVisualTokens()).isEqualTo(16);
    assertThat(merged.promptTokens()).isLessThan(zipped.promptTokens());
  }

  @Test
  void plansThatTheModelCannotFollow_areRefusedBeforeAnythingRuns() {
    assertThatThrownBy(() -> ask(llava, "encoder4:tome(keep=0.5)", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "model llava cannot follow 'encoder4:tome(keep=0.5)': the encoder has 3 layers, so there is no point 'encoder4'; choose encoder1 to encoder3");
    assertThatThrownBy(() -> ask(llava, "encoder:cls-attention(keep=0.5, layer=3)", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'cls-attention' needs ")
        .hasMessageContaining(
            "which the encoder of llava does not provide; methods that work: [none,")
        .hasMessageContaining("text-guided");
    assertThatThrownBy(() -> ask(llava, "tiles:thumbnail(keep=0.5, layer=3)", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'thumbnail' needs GlobalViews")
        .hasMessageEndingWith(
            "which the encoder of llava does not provide; methods that work: [random, downsample, thumbnail, text, lrs-tiles, skip-plain]");
  }

  @Test
  void streamedPieces_areTheAnswer() {
    List<String> pieces = new ArrayList<>();
    Answer answer =
        llava.ask(
            List.of(small),
            QUESTION,
            AskOptions.DEFAULT.withMaxTokens(16).streamingTo(pieces::add));

    assertThat(String.join("", pieces)).isEqualTo(answer.text());
    assertThat(pieces).hasSizeGreaterThan(8).doesNotContain("");
  }

  @Test
  void stopToken_endsTheAnswerAndIsNoPartOfIt() {
    AtomicInteger step = new AtomicInteger();
    Supplier<Sampler> thirdIsStop =
        () -> logits -> step.getAndIncrement() == 2 ? 2 : Sampler.GREEDY.next(logits);

    Answer answer =
        llava.ask(List.of(small), QUESTION, AskOptions.DEFAULT.withSampler(thirdIsStop));

    assertThat(llava.parts().stopTokens()).containsExactly(2L);
    assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(answer.completionTokens()).isEqualTo(2);
    assertThat(answer.text()).isEqualTo("l~");
  }

  @Test
  void stopTokens_areAllThatThePackageNames() {
    // <end_of_utterance>, by generation_config, tokenizer_config and template alike.
    assertThat(tiled.parts().stopTokens()).hasSize(1);
  }

  @Test
  void cancelled_endsWithinOneStep() {
    List<String> pieces = new ArrayList<>();
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(16).streamingTo(pieces::add);

    Answer later =
        llava.ask(List.of(small), QUESTION, options.cancelledBy(() -> !pieces.isEmpty()));
    assertThat(later.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(later.completionTokens()).isEqualTo(1);
    assertThat(later.text()).isEqualTo("l");

    Answer atOnce = llava.ask(List.of(small), QUESTION, options.cancelledBy(() -> true));
    assertThat(atOnce.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(atOnce.text()).isEmpty();
    assertThat(atOnce.visualTokens()).isZero();
    assertThat(atOnce.timings().encodeMillis()).isZero();
  }

  @Test
  void cancelled_breaksOffGraphsThatRun() {
    Thread asking = Thread.currentThread();
    AskOptions options =
        AskOptions.DEFAULT.withMaxTokens(64).cancelledBy(() -> Thread.currentThread() != asking);

    Answer answer = tiled.ask(Collections.nCopies(6, small), QUESTION, options);

    assertThat(answer.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(answer.completionTokens()).isLessThan(64);
    assertThat(tiled.ask(List.of(small), QUESTION, AskOptions.DEFAULT.withMaxTokens(2)))
        .as("the next question")
        .extracting(Answer::completionTokens)
        .isEqualTo(2);
  }

  @Test
  void sampling_repeatsWithTheSameSeed() {
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(12);

    String one = sampled(options, 1);
    assertThat(sampled(options, 1)).isEqualTo(one);
    assertThat(sampled(options, 2)).isNotEqualTo(one);
  }

  @Test
  void severalPicturesAndTurns() {
    List<Message> conversation =
        List.of(
            Message.user(List.of(small, wide), "How many objects can you see?"),
            Message.assistant("Two."),
            Message.user("Which is larger?"));

    Answer answer = llava.ask(conversation, AskOptions.DEFAULT.withMaxTokens(3));

    assertThat(answer.visualTokens()).isEqualTo(128);
    assertThat(answer.promptTokens()).isGreaterThan(149);
    assertThat(answer.tiles().get(1).frame()).isEqualTo(1);
  }

  @Test
  void questionWithoutPicture_isAnswered() {
    Answer answer =
        llava.ask(
            List.of(),
            "Describe the quick brown fox.",
            AskOptions.DEFAULT.withMaxTokens(3).withPlan("encoder:text-guided(keep=0.5)"));

    assertThat(answer.promptTokens()).isEqualTo(22);
    assertThat(answer.visualTokens()).isZero();
  }

  @Test
  void imageTokenInTheQuestion_isText() {
    Answer plain = llava.ask(List.of(small), "What is it?", AskOptions.DEFAULT.withMaxTokens(2));
    Answer spelt =
        llava.ask(List.of(small), "What is <image>?", AskOptions.DEFAULT.withMaxTokens(2));

    assertThat(spelt.promptTokens()).isGreaterThan(plain.promptTokens());
    assertThat(spelt.visualTokens()).isEqualTo(plain.visualTokens());
  }

  @Test
  void imageTokenInTheQuestion_actsWhereTheLoaderIsToldSo() {
    try (VisionLanguageModel trusting =
        VisionLanguageModel.load(LLAVA, LoadOptions.DEFAULT.withSpecialTokensInTexts(true))) {
      assertThatThrownBy(() -> trusting.ask(List.of(small), "What is <image>?", AskOptions.DEFAULT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("wrote '<image>' 2 times for 1 pictures");
    }
  }

  @Test
  void fourThreads_getTheSameAnswers() throws InterruptedException, ExecutionException {
    List<String> expected = new ArrayList<>();
    List<Callable<String>> questions = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Picture picture = i % 2 == 0 ? small : wide;
      String plan = i % 3 == 0 ? "none" : "encoder:cls-attention(keep=0.5)";
      Callable<String> question =
          () ->
              tiled
                  .ask(
                      List.of(picture),
                      QUESTION,
                      AskOptions.DEFAULT.withMaxTokens(8).withPlan(plan))
                  .text();
      questions.add(question);
    }
    for (Callable<String> question : questions) {
      try {
        expected.add(question.call());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<String> answers = new ArrayList<>();
      for (Future<String> answer : threads.invokeAll(questions)) {
        answers.add(answer.get());
      }
      assertThat(answers).isEqualTo(expected);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void promptBeyondTheContext_isRefusedWithBothNumbers() {
    List<Picture> many = Collections.nCopies(70, small);

    assertThatThrownBy(() -> llava.ask(many, QUESTION, AskOptions.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "the prompt has 4\\d{3} tokens but model llava was made for 4096 with the answer; .*");
  }

  @Test
  void emptyConversation_isRefused() {
    assertThatThrownBy(() -> llava.ask(List.of(), AskOptions.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a conversation has at least one message");
  }

  @Test
  void closedModel_saysSo() {
    VisionLanguageModel model = VisionLanguageModel.load(LLAVA);
    assertThat(model.isClosed()).isFalse();
    model.close();
    model.close();

    assertThat(model.isClosed()).isTrue();
    assertThatThrownBy(() -> model.ask(small, QUESTION))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the model llava is closed");
  }

  @Test
  void listenersGetEveryAnswer_alsoACancelledOne_andNoFailure() {
    try (VisionLanguageModel model = VisionLanguageModel.load(LLAVA)) {
      List<Answer> heard = new ArrayList<>();
      model.ask(small, QUESTION);
      model.listen(heard::add);

      Answer whole = ask(model, "none", 4);
      Answer cancelled =
          model.ask(List.of(small), QUESTION, AskOptions.DEFAULT.cancelledBy(() -> true));
      assertThatThrownBy(() -> model.ask(List.of(), AskOptions.DEFAULT))
          .isInstanceOf(IllegalArgumentException.class);

      assertThat(cancelled.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(heard).containsExactly(whole, cancelled);
    }
  }

  private static Answer ask(VisionLanguageModel model, String plan, int maxTokens) {
    return model.ask(
        List.of(small), QUESTION, AskOptions.DEFAULT.withMaxTokens(maxTokens).withPlan(plan));
  }

  private static List<Integer> tokens(VisionLanguageModel model, String plan) {
    RecordedTokens recorded = new RecordedTokens();
    model.ask(List.of(small), QUESTION, recorded.options().withMaxTokens(16).withPlan(plan));
    assertThat(recorded.tokens()).hasSize(16);
    return recorded.tokens();
  }

  private static String sampled(AskOptions options, long seed) {
    return llava
        .ask(List.of(small), QUESTION, options.withSampler(() -> Sampler.random(1, 50, 0.95, seed)))
        .text();
  }
}
