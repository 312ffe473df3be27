package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.eval.SmallSets;
import dev.squint.eval.cost.DecoderShape;
import dev.squint.eval.cost.EncoderShape;
import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.data.DataFolder;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.JsonLinesReader;
import dev.squint.eval.data.Question;
import dev.squint.eval.report.DataSetReport;
import dev.squint.eval.report.Figures;
import dev.squint.eval.report.Summariser;
import dev.squint.eval.task.Tasks;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.EncoderWork;
import dev.squint.llm.Encoding;
import dev.squint.llm.FinishReason;
import dev.squint.llm.Timings;
import dev.squint.llm.decoder.session.Drafts;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {

  private static final PruningPlan NONE = PruningPlan.none();
  private static final PruningPlan GRID = PruningPlan.parse("encoder:uniform-grid(keep=0.5)");
  private static final List<PruningPlan> BOTH = List.of(NONE, GRID);
  private static final List<String> NAMES = List.of(NONE.toString(), GRID.toString());

  @TempDir Path temp;
  private DataFolder folder;
  private DataSet set;
  private final AtomicInteger asked = new AtomicInteger();

  @BeforeEach
  void draw() throws IOException {
    folder = DataFolder.open(SmallSets.colours(temp.resolve("colours"), 6));
    set = JsonLinesReader.read("colours", folder.root());
  }

  @AfterEach
  void close() {
    folder.close();
  }

  @Test
  void figures_computedByHand() {
    DataSetReport family = measure(temp.resolve("out"), this::seesRed, 1);
    assertThat(family.questions()).isEqualTo(12);
    assertThat(family.pictures()).isEqualTo(6);
    // Colours: red, green, blue twice. "red" is right for 2 of 6; "yes" for the same 2 of 6.
    assertThat(family.plans().get(0).accuracy().value()).isEqualTo(4 / 12.0);
    assertThat(family.plans().get(0).kinds())
        .extractingByKey("color")
        .satisfies(kind -> assertThat(kind.accuracy().value()).isEqualTo(2 / 6.0));
    assertThat(family.plans().get(0).difference()).isNull();
    assertThat(family.plans().get(0).agreement()).isEqualTo(1);
    // With the plan, "Is it red?" is answered "no": right for 4 of 6.
    assertThat(family.plans().get(1).accuracy().value()).isEqualTo(6 / 12.0);
    assertThat(Objects.requireNonNull(family.plans().get(1).difference()).value())
        .isEqualTo(2 / 12.0);
    assertThat(family.plans().get(1).agreement()).isEqualTo(0.5);
    assertThat(family.plans().get(1).tokens().keptMean()).isEqualTo(2);
    assertThat(family.plans().get(1).tokens().encodedMean()).isEqualTo(4);
    // A 32-pixel picture of 2 x 2 tokens, the square from 8 to 24: token 0 has its centre on the
    // square, token 3 has the square's centre, and both are kept.
    assertThat(family.plans().get(1).objects()).isEqualTo(new Figures.Objects(12, 1, 0.5, 1.0));
    assertThat(family.plans().get(1).relative()).isEqualTo(1.5);
    assertThat(asked).hasValue(24);
  }

  @Test
  void operations_areThoseOfPrefillEncoderAndPruner() {
    ModelCost cost =
        new ModelCost(
            new DecoderShape(8, 4, 16, 2, 2, 2, 10), new EncoderShape(1, 4, 8, 16, 4, 100), null);
    measure(temp.resolve("out"), this::seesRed, 1);
    DataSetReport family;
    try (AnswerLog log = AnswerLog.open(temp.resolve("out"))) {
      family = new Summariser(log, BOTH, Optional.of(cost)).family(assignment());
    }

    Figures.Costs none = Objects.requireNonNull(family.plans().get(0).flops());
    Figures.Costs grid = Objects.requireNonNull(family.plans().get(1).flops());
    assertThat(none.pruner()).isEqualTo(0);
    // The grid centres: 10 operations for each of 4 tokens, as in the answers.
    assertThat(grid.pruner()).isEqualTo(40);
    // 4 tokens of 4 patches are encoded under either plan, each patch by 4 x 4 and 4 x 8 matrices
    // and attention to 16 patches; 10 and 8 tokens go through 8 layers.
    double encoder = 100 + 16 * (8 * 16 + 4 * 32 + 4 * 16 * 4);
    assertThat(none.encoder()).isEqualTo(encoder);
    assertThat(grid.encoder()).isEqualTo(encoder);
    assertThat(none.prefill().fastv()).isEqualTo(8 * (4 * 10 * 16 + 2 * 100 * 4 + 2 * 10 * 4 * 16));
    assertThat(grid.prefill().fastv()).isEqualTo(8 * (4 * 8 * 16 + 2 * 64 * 4 + 2 * 8 * 4 * 16));
  }

  @Test
  void layersOfTheEncoder_countWithWhatTheyRanOn() {
    PruningPlan inside = PruningPlan.parse("encoder1:tome(keep=0.5)");
    Run.Asker asker =
        (pictures, history, question, options) ->
            withWork(
                seesRed(pictures, history, question, options),
                new EncoderWork(1, List.of(4.0, 2.0), List.of(16.0, 4.0)));
    measure(temp.resolve("out"), asker, 1, List.of(NONE, inside));
    ModelCost cost =
        new ModelCost(
            new DecoderShape(8, 4, 16, 2, 2, 2, 10), new EncoderShape(2, 4, 8, 16, 4, 100), null);
    DataSetReport family;
    try (AnswerLog log = AnswerLog.open(temp.resolve("out"))) {
      family = new Summariser(log, List.of(NONE, inside), Optional.of(cost)).family(assignment());
    }

    double whole = 16 * (8 * 16 + 4 * 32 + 4 * 16 * 4);
    double half = 8 * (8 * 16 + 4 * 32 + 4 * 8 * 4);
    assertThat(Objects.requireNonNull(family.plans().get(0).flops()).encoder())
        .isEqualTo(100 + 2 * whole);
    assertThat(Objects.requireNonNull(family.plans().get(1).flops()).encoder())
        .isEqualTo(100 + whole + half);
  }

  @Test
  void hardQuestions_areWrongOnASmallerPicture() {
    PruningPlan smaller = Baselines.downsample(0.5);
    Run.Asker asker =
        (pictures, history, question, options) -> {
          boolean small = options.plan().pictureShare() < 1;
          Answer answer = seesRed(pictures, history, question, options);
          return small && question.startsWith("What") ? withText(answer, "blue") : answer;
        };
    DataSetReport family = measure(temp.resolve("out"), asker, 1, List.of(NONE, GRID, smaller));
    // Right unpruned: two "red", two "yes". Wrong when smaller: the two "red".
    assertThat(Objects.requireNonNull(family.plans().get(1).hard()).questions()).isEqualTo(2);
    assertThat(Objects.requireNonNull(family.plans().get(1).hard()).accuracy().value())
        .isEqualTo(1);
    assertThat(family.plans().get(2).hard()).isNull();
  }

  @Test
  void killedRun_resumes_andHasTheSameFigures() throws IOException {
    DataSetReport whole = measure(temp.resolve("whole"), this::seesRed, 1);
    Path out = temp.resolve("killed");
    for (int limit : new int[] {5, 7, 4}) {
      AtomicInteger left = new AtomicInteger(limit);
      assertThatThrownBy(
              () ->
                  measure(
                      out,
                      (pictures, history, question, options) -> {
                        if (left.getAndDecrement() <= 0) {
                          throw new IllegalStateException("killed");
                        }
                        return seesRed(pictures, history, question, options);
                      },
                      1))
          .hasMessageContaining("killed")
          .hasMessageContaining("'colours'");
      // The incomplete line of a process killed while writing.
      Files.writeString(
          out.resolve("answers.jsonl"), "{\"set\":\"colours\",\"pl", StandardOpenOption.APPEND);
    }
    asked.set(0);
    DataSetReport resumed = measure(out, this::seesRed, 1);
    assertThat(asked).hasValue(24 - 16);
    assertThat(resumed).isEqualTo(whole);
    assertThat(Files.readAllLines(out.resolve("answers.jsonl"))).hasSize(24);
  }

  @Test
  void threads_doNotChangeFigures() {
    assertThat(measure(temp.resolve("two"), this::seesRed, 3))
        .isEqualTo(measure(temp.resolve("one"), this::seesRed, 1));
  }

  @Test
  void timesOfCachedPictures_includeTheEncoding() {
    measure(temp.resolve("out"), this::seesRed, 1);
    try (AnswerLog log = AnswerLog.open(temp.resolve("out"))) {
      AnswerLine first = log.find("colours", "none", "0-color");
      assertThat(Objects.requireNonNull(first).ms())
          .isEqualTo(new Milliseconds(1, 40, 3, 4, 5, 48, true));
    }
  }

  @Test
  void throughput_countsEncodingOnlyOnce() {
    Milliseconds encoded = new Milliseconds(1, 40, 3, 4, 5, 48, false);
    Milliseconds cached = new Milliseconds(0, 40, 3, 4, 5, 48, true);
    Throughput throughput = Throughput.of(List.of(encoded, cached), 0.1, 2);
    assertThat(throughput.perMinute()).isEqualTo(1200);
    assertThat(throughput.share())
        .usingRecursiveComparison()
        .withComparatorForType((one, other) -> Math.abs(one - other) < 1e-12 ? 0 : 1, Double.class)
        .isEqualTo(new Throughput.Share(0.005, 0.2, 0.03, 0.04, 0.05, 0.675));
    assertThat(throughput.line()).contains("1200 per minute").contains("encode 20 % of the time");
  }

  @Test
  void unfinishedRun_hasNoFigures() {
    try (AnswerLog log = AnswerLog.open(temp.resolve("out"))) {
      assertThatThrownBy(() -> new Summariser(log, BOTH, Optional.empty()).family(assignment()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'0-color' of 'colours' has no answer under plan 'none'");
    }
  }

  @Test
  void folderOfAnotherRun_isRefused() {
    RunFile one = file("a");
    one.writeTo(temp.resolve("out"));
    one.writeTo(temp.resolve("out"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> file("b").writeTo(temp.resolve("out")))
        .withMessageContaining("give another --out");
  }

  @Test
  void sample_dependsOnItsSeedAndKeepsTheOrder() {
    DataSet five = Sample.of(set, 5, 1);
    assertThat(five.questions()).hasSize(5);
    assertThat(Sample.of(set, 5, 1)).isEqualTo(five);
    assertThat(Sample.of(set, 5, 2)).isNotEqualTo(five);
    assertThat(set.questions()).containsSubsequence(five.questions());
    assertThat(Sample.of(set, 100, 1)).isSameAs(set);
  }

  private TaskData assignment() {
    return new TaskData(Tasks.get("own"), set);
  }

  private DataSetReport measure(Path out, Run.Asker asker, int threads) {
    return measure(out, asker, threads, BOTH);
  }

  private DataSetReport measure(
      Path out, Run.Asker asker, int threads, List<PruningPlan> conditions) {
    long answers = (long) conditions.size() * set.questions().size();
    Progress progress = new Progress(new PrintWriter(new StringWriter()), false, answers, () -> 0);
    try (AnswerLog log = AnswerLog.open(out)) {
      new Run(asker, conditions, log, progress).ask(List.of(assignment()), threads);
      return new Summariser(log, conditions, Optional.empty()).family(assignment());
    }
  }

  private Answer seesRed(
      List<Picture> pictures, List<Question.Turn> history, String question, AskOptions options) {
    asked.incrementAndGet();
    boolean pruned = options.plan().equals(GRID);
    String text = question.startsWith("What") ? "Red." : pruned ? "no" : "yes";
    int[] kept = pruned ? new int[] {0, 3} : new int[] {0, 1, 2, 3};
    return new Answer(
        text,
        FinishReason.STOP,
        new Answer.Counts(10, 0, 1, Drafts.NONE, pruned ? 100 : 200),
        new Timings(new Timings.Phases(1, 2, 3, 4, 5), 10, 15, 40, 0),
        new Answer.Pruning(
            options.plan(),
            pruned ? 40 : 0,
            new Encoding(1, 1, 4, 4),
            new EncoderWork(1, List.of(4.0), List.of(16.0)),
            List.of(Tile.global(0, 2, 2)),
            TokenReduction.keep(4, kept),
            List.of(),
            List.of(new StageRun(0, 8, 6 + kept.length))),
        List.of(),
        List.of());
  }

  private static Answer withWork(Answer answer, EncoderWork work) {
    Answer.Pruning pruning = answer.pruning();
    return new Answer(
        answer.text(),
        answer.finishReason(),
        answer.counts(),
        answer.timings(),
        new Answer.Pruning(
            pruning.plan(),
            pruning.operations(),
            pruning.encoding(),
            work,
            pruning.tiles(),
            pruning.reduction(),
            pruning.layerReductions(),
            pruning.prefillRuns()),
        answer.frameSeconds(),
        answer.notes());
  }

  private static Answer withText(Answer answer, String text) {
    return new Answer(
        text,
        answer.finishReason(),
        answer.counts(),
        answer.timings(),
        answer.pruning(),
        answer.frameSeconds(),
        answer.notes());
  }

  private static RunFile file(String model) {
    return new RunFile(
        new RunFile.Identity(model, "any", "0", Map.of("colours", "1")),
        NAMES,
        List.of("squint", "eval"),
        Map.of(),
        Machine.here(),
        1,
        null);
  }
}
