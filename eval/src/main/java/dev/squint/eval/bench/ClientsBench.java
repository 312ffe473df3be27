package dev.squint.eval.bench;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.vision.picture.Picture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures clients that ask at the same time, each its next question when the last is answered:
 * first with every answer decoded by itself, then with answers decoded together.
 *
 * @param folder the model package
 * @param options how it is loaded, but for batches
 * @param clients numbers of clients
 * @param batch answers that are decoded together
 */
record ClientsBench(Path folder, LoadOptions options, List<Integer> clients, int batch) {

  private static final int TOKENS = 64;
  private static final int CHARACTERS = 72;
  private static final int EDGE = 400;
  private static final int LEAST_QUESTIONS = 4;
  private static final double LATE = 0.95;
  private static final double MILLIS_PER_SECOND = 1000;

  /** What clients saw in one round. */
  private record Round(Clock took, List<Answer> answers) {

    double tokensPerSecond() {
      return tokens() * MILLIS_PER_SECOND / took.millis();
    }

    double questionsPerSecond() {
      return answers.size() * MILLIS_PER_SECOND / took.millis();
    }

    private long tokens() {
      return answers.stream().mapToLong(Answer::completionTokens).sum();
    }

    long promptTokens() {
      return Math.round(answers.stream().mapToInt(Answer::promptTokens).average().orElse(0));
    }

    double processorMillisPerToken() {
      return took.processorMillis() / tokens();
    }

    double firstToken(double share) {
      return quantile(share, answer -> answer.timings().firstTokenMillis());
    }

    double whole(double share) {
      return quantile(share, answer -> answer.timings().totalMillis());
    }

    private double quantile(double share, ToDoubleFunction<Answer> millis) {
      double[] sorted = answers.stream().mapToDouble(millis).sorted().toArray();
      return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
  }

  /**
   * Measures.
   *
   * @param pictures whether each question has a new picture of one tile
   */
  Section measure(boolean pictures) {
    String what =
        pictures ? "a new picture of one tile" : "%d characters of text".formatted(CHARACTERS);
    Section section =
        new Section(
            pictures ? "clients with pictures" : "clients",
            "Questions with %s, %d tokens of answer; at least %d questions and 2 a client. The time of a question begins when it is asked; wall-clock milliseconds, p95 the time within which 95 %% are answered."
                .formatted(what, TOKENS, LEAST_QUESTIONS));
    List<List<Round>> measured = new ArrayList<>();
    for (int rows : Stream.of(1, batch).distinct().toList()) {
      BatchSettings settings = BatchSettings.of(rows).withInexact(true);
      try (VisionLanguageModel model =
          VisionLanguageModel.load(folder, options.withBatching(settings).withEncodings(1))) {
        AtomicInteger number = new AtomicInteger(rows * 10_000);
        // Two at a time, so that the decoder is tried before anything is measured.
        round(model, 2, 2, pictures, number);
        List<Round> rounds = new ArrayList<>();
        for (int count : clients) {
          rounds.add(round(model, count, Math.max(LEAST_QUESTIONS, 2 * count), pictures, number));
        }
        measured.add(rounds);
        add(section, rows, rounds, measured.get(0));
      }
    }
    return section;
  }

  private void add(Section section, int rows, List<Round> rounds, List<Round> alone) {
    for (int i = 0; i < rounds.size(); i++) {
      Round round = rounds.get(i);
      section.row(
          "decoded together", rows,
          "clients", clients.get(i),
          "questions", round.answers().size(),
          "tokens of a prompt", round.promptTokens(),
          "tokens a second", round.tokensPerSecond(),
          "by one client alone", round.tokensPerSecond() / alone.get(0).tokensPerSecond(),
          "questions a second", round.questionsPerSecond(),
          "first token, median", round.firstToken(0.5),
          "first token, p95", round.firstToken(LATE),
          "answer, median", round.whole(0.5),
          "answer, p95", round.whole(LATE),
          "processors, a token", round.processorMillisPerToken());
    }
  }

  private static Round round(
      VisionLanguageModel model,
      int clients,
      int questions,
      boolean pictures,
      AtomicInteger number) {
    AtomicInteger left = new AtomicInteger(questions);
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Callable<List<Answer>>> work = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        work.add(
            () -> {
              List<Answer> answers = new ArrayList<>();
              while (left.getAndDecrement() > 0) {
                answers.add(ask(model, pictures, number.getAndIncrement()));
              }
              return answers;
            });
      }
      Clock start = Clock.now();
      List<Answer> answers = new ArrayList<>();
      for (Future<List<Answer>> of : threads.invokeAll(work)) {
        answers.addAll(of.get());
      }
      return new Round(start.since(), answers);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while clients asked", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a client's question failed", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  /** Asks a question that was not asked before. */
  private static Answer ask(VisionLanguageModel model, boolean pictures, int number) {
    String question = "Question %d. ".formatted(number);
    String text = pictures ? question : question.repeat(CHARACTERS).substring(0, CHARACTERS);
    List<Picture> seen = pictures ? List.of(PictureBench.picture(EDGE, number)) : List.of();
    return model.ask(
        List.of(Message.user(seen, text)),
        AskOptions.DEFAULT.withMaxTokens(TOKENS).withPromptReuse(false));
  }
}
