package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.TaskData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exports made-up answers to benchmarks with options. With {@code -Dexport.dir=DIR} the files stay
 * there, and {@code samples/fixtures/harness_choices.py} gives them to the harnesses' own code.
 */
class HarnessChoicesTest {

  private static final int QUESTIONS = 200;
  private static final int ROLLED = 1_000_000;
  private static final List<String> TEXTS =
      List.of("a cat", "Red", "the left one", "12 m", "a dog, asleep", "B cells", "It is a bird");

  /** Kinds of questions, where the harness wants certain ones. */
  private static final Map<String, List<String>> KINDS =
      Map.of(
          "mmmu", List.of("Art", "Math", "History"),
          "mmmu-tsv", List.of("Art", "Math", "History"),
          "mmstar", List.of("object counting", "geometry", "localization"),
          "mlvu",
              List.of(
                  "anomaly_reco", "count", "ego", "needle", "order", "plotQA", "topic_reasoning"),
          "video-mme", List.of("short", "medium", "long"));

  @TempDir static Path temporary;
  private static Path folder;
  private static Export export;

  @BeforeAll
  static void export() throws IOException {
    folder = HarnessRun.folder(temporary).resolve("choices");
    Map<String, String> tasks = new LinkedHashMap<>();
    for (String task :
        List.of("mmbench", "scienceqa", "seed-bench", "seed-bench-2", "ai2d", "mmstar", "mmmu")) {
      tasks.put(task, "");
    }
    tasks.put("mmmu-tsv", "");
    for (String task : List.of("video-mme", "mlvu", "mvbench", "egoschema")) {
      tasks.put(task, "");
    }
    tasks.put("nextqa", "test");
    List<TaskData> sets = new ArrayList<>();
    tasks.forEach((task, split) -> sets.add(HarnessRun.set(task, split, questions(task))));
    export = HarnessRun.write(folder, sets, HarnessChoicesTest::answer);
    export.toLmmsEval(folder.resolve("lmms-eval"), HarnessRun.DATE);
    part(sets.subList(0, 8)).toVlmEvalKit(folder.resolve("vlmevalkit"));
  }

  private static Export part(List<TaskData> sets) {
    return HarnessRun.export(sets, export.log());
  }

  private static List<Question> questions(String task) {
    Random random = new Random(HarnessRun.SEED + task.hashCode());
    List<String> kinds = KINDS.getOrDefault(task, List.of("one", "two"));
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      String kind = kinds.get(i % kinds.size());
      boolean open = task.startsWith("mmmu") && i % 10 == 0;
      int count = task.equals("egoschema") || task.equals("nextqa") ? 5 : 4;
      List<String> options = new ArrayList<>(TEXTS);
      Collections.shuffle(options, random);
      options = open ? List.of() : new ArrayList<>(options.subList(0, count));
      int right = random.nextInt(count);
      int rolls = task.equals("mmbench") ? count : 1;
      for (int roll = 0; roll < rolls; roll++) {
        String answer = open ? TEXTS.get(right) : Question.letter((right + roll) % count);
        questions.add(question(id(task, kind, i + ROLLED * roll), i, options, answer, kind));
        if (!open) {
          Collections.rotate(options, 1);
        }
      }
    }
    return questions;
  }

  private static String id(String task, String kind, int number) {
    return task.equals("mmmu")
        ? "validation_%s_%d".formatted(kind, number)
        : Integer.toString(number);
  }

  private static Question question(
      String id, int number, List<String> options, String answer, String kind) {
    return new Question(
        id,
        List.of("p%d.png".formatted(number)),
        "Which one, number %d?".formatted(number),
        "",
        List.copyOf(options),
        List.of(answer),
        kind,
        Integer.toString(number),
        false,
        List.of(),
        List.of());
  }

  /** Mostly right, in forms that harnesses read differently. */
  private static String answer(Question question, Random random) {
    String right = question.answers().get(0);
    if (question.options().isEmpty()) {
      return random.nextBoolean() ? right : "something else";
    }
    int other = random.nextInt(question.options().size());
    String letter = random.nextInt(4) > 0 ? right : Question.letter(other);
    String text = question.options().get(letter.charAt(0) - 'A');
    return switch (random.nextInt(14)) {
      case 0, 1, 2, 3 -> letter;
      case 4 -> letter + ".";
      case 5 -> letter + ". " + text;
      case 6 -> "(" + letter + ")";
      case 7 -> letter.toLowerCase(Locale.ROOT);
      case 8 -> "The answer is " + letter + ".";
      case 9 -> text;
      case 10 -> "I think that it must be " + text + " here";
      case 11 -> letter + " or " + Question.letter(other);
      case 12 -> "Because of that";
      default -> random.nextBoolean() ? "" : "I do not know";
    };
  }

  @Test
  void lmmsEval_hasItsNamesAndScales() throws IOException {
    JsonNode results =
        JsonFiles.MAPPER
            .readTree(
                folder
                    .resolve("lmms-eval/model/%s_results.json".formatted(HarnessRun.DATE))
                    .toFile())
            .path("results");
    assertThat(results.path("mmbench_en_dev_static").path("gpt_eval_score,none").doubleValue())
        .isBetween(10.0, 60.0);
    assertThat(results.path("videomme").path("videomme_perception_score,none").doubleValue())
        .isBetween(40.0, 90.0);
    assertThat(results.path("mmmu_val").path("mmmu_acc,none").doubleValue()).isBetween(0.3, 0.9);
    assertThat(results.path("nextqa_mc_test").path("exact_match,none").doubleValue())
        .isBetween(0.3, 0.9);
  }

  @Test
  void vlmEvalKit_joinsByNumber_soOtherNumbersGetATableOfTheirOwn() throws IOException {
    Path predictions = folder.resolve("vlmevalkit/model/model_Squint_SCIENCEQA.tsv");
    Path table = folder.resolve("vlmevalkit/LMUData/Squint_SCIENCEQA.tsv");
    assertThat(Files.readAllLines(table).get(0))
        .isEqualTo("index\tid\tquestion\thint\tA\tB\tC\tD\tanswer\tcategory\timage_path");
    assertThat(Files.readAllLines(predictions).get(0))
        .isEqualTo(Files.readAllLines(table).get(0) + "\tprediction");
    assertThat(folder.resolve("vlmevalkit/model/model_MMBench_DEV_EN.tsv")).exists();
    assertThat(folder.resolve("vlmevalkit/LMUData/MMBench_DEV_EN.tsv")).doesNotExist();
    assertThat(Files.readAllLines(folder.resolve("vlmevalkit/model/model_MMMU_DEV_VAL_acc.csv")))
        .last()
        .asString()
        .startsWith("validation,");
  }

  @Test
  void vlmEvalKit_doesNotExpressClips() {
    TaskData clips = HarnessRun.set("video-mme", "", questions("video-mme"));
    assertThatThrownBy(() -> part(List.of(clips)).toVlmEvalKit(temporary.resolve("clips")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'video-mme' cannot be exported for VLMEvalKit")
        .hasMessageContaining("--format lmms-eval");
  }

  @Test
  void vlmEvalKit_needsOptionsApartFromTheQuestion() {
    List<Question> inText =
        questions("mmstar").stream()
            .map(
                one ->
                    new Question(
                        one.id(),
                        one.pictures(),
                        one.text() + " Options: A: a, B: b",
                        "",
                        List.of(),
                        one.answers(),
                        one.kind(),
                        one.group(),
                        false,
                        List.of(),
                        List.of()))
            .toList();
    assertThatThrownBy(
            () ->
                part(List.of(HarnessRun.set("mmstar", "", inText)))
                    .toVlmEvalKit(temporary.resolve("text")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'mmstar' cannot be exported for VLMEvalKit")
        .hasMessageContaining("MMStar.tsv");
  }
}
