package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.batch.BatchListener;
import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Questions that are asked at the same time get the answers that they get alone. */
@Timeout(120)
class BatchedAnswersTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path LLAVA = PACKAGES.resolve("llava");
  private static final int QUESTIONS = 16;
  private static final List<PruningPlan> PLANS =
      List.of(
          PruningPlan.none(),
          PruningPlan.parse("encoder:random(keep=0.25)"),
          PruningPlan.parse("layer2:fastv(keep=0.5)"),
          PruningPlan.parse("cache:streamingllm(tokens=20)"));

  private static Picture picture;

  private final AtomicInteger mostRows = new AtomicInteger();
  private final AtomicInteger chunks = new AtomicInteger();

  @BeforeAll
  static void read() {
    picture = new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));
  }

  private VisionLanguageModel batched(Path folder, LoadOptions options, BatchSettings settings) {
    VisionLanguageModel model = VisionLanguageModel.load(folder, options.withBatching(settings));
    model.listenToBatches(
        new BatchListener() {
          @Override
          public void stepped(int rows, int waiting, double millis) {
            mostRows.accumulateAndGet(rows, Math::max);
          }

          @Override
          public void prefilled(int tokens, double millis) {
            chunks.incrementAndGet();
          }
        });
    return model;
  }

  /** A question with a plan, a length and a sampler of its own. */
  private static AskOptions options(int number) {
    AskOptions options =
        AskOptions.DEFAULT
            .withPlan(PLANS.get(number % PLANS.size()))
            .withMaxTokens(8 + 3 * (number % 5))
            .withPromptReuse(number % 3 == 0);
    return number % 2 == 0 ? options : options.withSampler(() -> Sampler.random(0.7, 5, 1, number));
  }

  private static Answer ask(VisionLanguageModel model, int number) {
    return model.ask(List.of(picture), "What is number %d?".formatted(number % 7), options(number));
  }

  private static List<Answer> together(VisionLanguageModel model) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(QUESTIONS);
    try {
      List<Callable<Answer>> work = new ArrayList<>();
      for (int i = 0; i < QUESTIONS; i++) {
        int number = i;
        work.add(() -> ask(model, number));
      }
      List<Answer> answers = new ArrayList<>();
      for (Future<Answer> answer : threads.invokeAll(work)) {
        answers.add(answer.get());
      }
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void answersAreThoseOfTheQuestionsAlone() throws Exception {
    LoadOptions options = LoadOptions.DEFAULT.withPlans(PLANS);
    BatchSettings settings = new BatchSettings(6, 32, Long.MAX_VALUE, false);
    try (VisionLanguageModel alone = VisionLanguageModel.load(LLAVA, options);
        VisionLanguageModel model = batched(LLAVA, options, settings)) {
      // The decoder is tried while the first of them are answered.
      together(model);
      chunks.set(0);
      List<Answer> answers = together(model);
      for (int i = 0; i < QUESTIONS; i++) {
        Answer expected = ask(alone, i);
        assertThat(answers.get(i).text()).as("question %d", i).isEqualTo(expected.text());
        assertThat(answers.get(i).finishReason()).isEqualTo(expected.finishReason());
        assertThat(answers.get(i).kvBytes()).isEqualTo(expected.kvBytes());
        assertThat(answers.get(i).notes()).isEqualTo(expected.notes());
      }
    }
    assertThat(mostRows.get()).isBetween(2, 6);
    assertThat(chunks.get()).isGreaterThan(QUESTIONS);
  }

  @Test
  void whereAnswersChangeEachOther_theyAreDecodedTogetherIfAllowed_andSaySo() throws Exception {
    Path folder = PACKAGES.resolve("llava-onevision-variants");
    LoadOptions options = LoadOptions.DEFAULT.withVariants(Variants.parse("decoder=quantized"));
    BatchSettings settings = BatchSettings.of(4);
    String note = "answers that are decoded together change each other's rounding";
    try (VisionLanguageModel strict = batched(folder, options, settings)) {
      assertThat(together(strict))
          .allMatch(answer -> answer.notes().stream().noneMatch(one -> one.startsWith(note)));
    }
    assertThat(mostRows).hasValue(0);
    try (VisionLanguageModel allowed = batched(folder, options, settings.withInexact(true))) {
      assertThat(together(allowed))
          .anyMatch(answer -> answer.notes().stream().anyMatch(one -> one.startsWith(note)));
    }
    assertThat(mostRows.get()).isPositive();
  }

  @Test
  void aCancelledQuestion_leavesTheOthersAlone() throws Exception {
    try (VisionLanguageModel model = batched(LLAVA, LoadOptions.DEFAULT, BatchSettings.of(4))) {
      AtomicInteger pieces = new AtomicInteger();
      AskOptions endless =
          AskOptions.DEFAULT
              .withMaxTokens(200)
              .streamingTo(piece -> pieces.incrementAndGet())
              .cancelledBy(() -> pieces.get() >= 3);
      ExecutorService threads = Executors.newCachedThreadPool();
      try {
        Future<Answer> cancelled =
            threads.submit(() -> model.ask(List.of(picture), "Who?", endless));
        Answer other = ask(model, 4);

        assertThat(cancelled.get().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(other.text()).isEqualTo(ask(model, 4).text());
      } finally {
        threads.shutdownNow();
      }
    }
  }
}
