package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.TaskData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exports made-up answers to five benchmarks: right, wrong, and those that scorers read
 * differently. With {@code -Dexport.dir=DIR} the files stay there, and {@code
 * samples/fixtures/harness_scores.py} gives them to the harnesses' own code.
 */
class HarnessScoresTest {

  private static final int QUESTIONS = 400;

  private static final List<String> MME_KINDS =
      List.of(
          "OCR",
          "artwork",
          "celebrity",
          "code_reasoning",
          "color",
          "commonsense_reasoning",
          "count",
          "existence",
          "landmark",
          "numerical_calculation",
          "position",
          "posters",
          "scene",
          "text_translation");

  @TempDir static Path temporary;
  private static Path folder;

  @BeforeAll
  static void export() throws IOException {
    folder = HarnessRun.folder(temporary);
    List<TaskData> sets =
        Stream.of("docvqa", "chartqa", "textvqa", "mme", "pope")
            .map(HarnessScoresTest::set)
            .toList();
    Export export = HarnessRun.write(folder, sets, HarnessScoresTest::answer);
    export.toLmmsEval(folder.resolve("lmms-eval"), HarnessRun.DATE);
    export.toVlmEvalKit(folder.resolve("vlmevalkit"));
    export.log().close();
  }

  private static TaskData set(String task) {
    Random random = new Random(HarnessRun.SEED + task.hashCode());
    List<Question> questions = new ArrayList<>();
    int pairs = task.equals("mme") ? 20 * MME_KINDS.size() : QUESTIONS;
    for (int i = 0; i < pairs; i++) {
      questions.add(question(task, i, random));
      if (task.equals("mme")) {
        questions.add(question(task, i, random));
      }
    }
    for (int i = 0; i < questions.size(); i++) {
      Question one = questions.get(i);
      questions.set(
          i,
          new Question(
              Integer.toString(i),
              one.pictures(),
              one.text(),
              "",
              List.of(),
              one.answers(),
              one.kind(),
              one.group(),
              false,
              List.of(),
              List.of()));
    }
    return HarnessRun.set(task, task.equals("chartqa") ? "both" : "", questions);
  }

  private static Question question(String task, int number, Random random) {
    String picture = "p%d.png".formatted(number);
    List<String> answers =
        switch (task) {
          case "docvqa" ->
              List.of(text(random), text(random) + " Inc.", "\"" + text(random) + "\"");
          case "chartqa" -> List.of(random.nextBoolean() ? text(random) : number(random));
          case "textvqa" -> people(random);
          case "mme" -> List.of(random.nextBoolean() ? "Yes" : "No");
          default -> List.of(random.nextBoolean() ? "yes" : "no");
        };
    String kind =
        switch (task) {
          case "mme" -> MME_KINDS.get(number % MME_KINDS.size());
          case "chartqa" -> random.nextBoolean() ? "test_human" : "test_augmented";
          default -> "all";
        };
    String text = "What is it, number %d?".formatted(number);
    return new Question(
        "x",
        List.of(picture),
        text,
        "",
        List.of(),
        answers,
        kind,
        picture,
        false,
        List.of(),
        List.of());
  }

  /** Ten answers of people, as VQA benchmarks have them. */
  private static List<String> people(Random random) {
    List<String> common = List.of(text(random), text(random), "the " + text(random), "2", "two");
    return Stream.generate(
            () -> common.get(random.nextInt(random.nextBoolean() ? 2 : common.size())))
        .limit(10)
        .toList();
  }

  private static String text(Random random) {
    List<String> words =
        List.of("Blue", "university of california", "No. 7", "a cat", "it's", "12:30", "Dr. Who");
    return words.get(random.nextInt(words.size())) + (random.nextInt(3) == 0 ? " & co" : "");
  }

  private static String number(Random random) {
    List<String> forms = List.of("%.2f", "%.0f", "%.1f%%");
    return String.format(
        Locale.ROOT, forms.get(random.nextInt(forms.size())), random.nextDouble() * 100);
  }

  /** The right answer, or something beside it. */
  private static String answer(Question question, Random random) {
    String right = question.answers().get(random.nextInt(question.answers().size()));
    boolean yesNo = right.matches("(?i)yes|no");
    return switch (random.nextInt(9)) {
      case 0, 1, 2 -> right;
      case 3 -> right + ".";
      case 4 -> yesNo ? "Yes, it is" : right.toUpperCase(Locale.ROOT);
      case 5 -> yesNo ? "No, there is no such thing" : right.replaceFirst(".$", "x");
      case 6 -> yesNo ? (random.nextBoolean() ? "yes" : "no") : " " + right + "\n";
      case 7 ->
          right.matches("[0-9.]+") ? Double.toString(Double.parseDouble(right) * 1.04) : "the";
      default -> random.nextBoolean() ? "" : "I do not know";
    };
  }

  @Test
  void figures_haveTheNamesAndScalesOfTheHarnesses() throws IOException {
    JsonNode lmms =
        JsonFiles.MAPPER
            .readTree(folder.resolve("lmms-eval/model/20261129_120000_results.json").toFile())
            .path("results");
    assertThat(lmms.path("pope_adv").fieldNames())
        .toIterable()
        .contains("pope_accuracy,none", "pope_f1_score,none", "pope_yes_ratio,none");
    assertThat(lmms.path("mme").fieldNames())
        .toIterable()
        .contains("mme_perception_score,none", "mme_cognition_score,none");
    assertThat(lmms.path("chartqa").fieldNames())
        .toIterable()
        .contains("relaxed_overall,none", "relaxed_human_split,none");
    double anls = lmms.path("docvqa_val").path("anls,none").doubleValue();
    assertThat(anls).isBetween(0.3, 0.9);
    assertThat(percent("DocVQA_VAL_acc", "Overall")).isCloseTo(100 * anls, within(1e-9));
    assertThat(percent("POPE_score", "acc")).isBetween(30.0, 100.0);
    assertThat(percent("MME_score", "perception")).isBetween(200.0, 2000.0);
    assertThat(percent("MME_score", "color")).isBetween(0.0, 200.0);
  }

  @Test
  void answersToYesOrNo_haveTheCapitalsOfVlmEvalKit() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("vlmevalkit/model/model_POPE.tsv"));
    int column = List.of(lines.get(0).split("\t", -1)).indexOf("answer");
    assertThat(lines.subList(1, lines.size()))
        .extracting(line -> line.split("\t", -1)[column])
        .containsOnly("Yes", "No");
  }

  private static double percent(String file, String column) throws IOException {
    List<String> lines =
        Files.readAllLines(folder.resolve("vlmevalkit/model/model_" + file + ".csv"));
    int index = List.of(lines.get(0).split(",", -1)).indexOf(column);
    return Double.parseDouble(lines.get(1).split(",", -1)[index]);
  }
}
