package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.SmallSets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvalCommandTest {

  private static final String MODEL = "../llm-decoder/src/test/resources/packages/tiled";

  @TempDir Path temp;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void variantsAreComparedWithTheFirst() throws IOException {
    Path colours = SmallSets.colours(temp.resolve("colours"), 2);
    String[] command = {
      colours.toString(),
      "--model=../samples/tiny-vlm/package",
      "--no-baselines",
      "--compare-variants=fp32;q8;vision=q8,embed=fp32,decoder=fp32",
      "--out=" + temp.resolve("out")
    };

    assertThat(run(command)).as(err.toString()).isZero();

    JsonNode rows = new ObjectMapper().readTree(temp.resolve("out/variants.json").toFile());
    assertThat(rows.findValuesAsText("variant"))
        .containsExactly("fp32", "q8", "vision=q8,embed=fp32,decoder=fp32");
    assertThat(rows.at("/0/same_answers").asDouble()).isEqualTo(1);
    JsonNode eight = new ObjectMapper().readTree(temp.resolve("out/q8/summary.json").toFile());
    assertThat(rows.at("/1/accuracy/value").isNumber()).isTrue();
    assertThat(rows.at("/1/accuracy")).isEqualTo(eight.at("/families/0/plans/0/accuracy"));
    assertThat(out.toString()).contains("same answers as first (%)").contains("`q8`");
    assertThat(temp.resolve("out/vision=q8_embed=fp32_decoder=fp32/answers.jsonl")).exists();

    command[2] = "--variant=q8";
    assertThat(run(command)).isEqualTo(2);
    assertThat(err.toString()).contains("omit --variant and --shard");
  }

  @Test
  void measuresPlansOnTwoSets_andAgainWithoutAsking() throws IOException {
    Path colours = SmallSets.colours(temp.resolve("colours"), 3);
    Path zip = SmallSets.zip(SmallSets.colours(temp.resolve("more"), 2), temp.resolve("more.zip"));
    String[] command = {
      colours.toString(),
      zip.toString(),
      "--plan=encoder:random(keep=0.25)",
      "--plan=encoder:cls-attention(keep=0.25)",
      "--model=" + MODEL,
      "--limit=5",
      "--no-baselines",
      "--out=" + temp.resolve("out")
    };
    assertThat(run(command)).as(err.toString()).isZero();
    assertThat(out.toString()).contains("| `none`").contains("colours").contains("## Reproduction");
    JsonNode summary = new ObjectMapper().readTree(temp.resolve("out/summary.json").toFile());
    assertThat(summary.at("/families/0/questions").asInt()).isEqualTo(5);
    assertThat(summary.at("/families/1/questions").asInt()).isEqualTo(4);
    assertThat(summary.at("/families/0/plans/1/plan").asText())
        .isEqualTo("encoder:random(keep=0.25)");
    double encoded = summary.at("/families/0/plans/1/tokens/encoded_mean").asDouble();
    assertThat(summary.at("/families/0/plans/1/tokens/kept_mean").asDouble())
        .isEqualTo(encoded / 4);
    assertThat(summary.at("/families/0/plans/0/kv_bytes_mean").asDouble())
        .isGreaterThan(summary.at("/families/0/plans/1/kv_bytes_mean").asDouble());
    List<String> answers = Files.readAllLines(temp.resolve("out/answers.jsonl"));
    assertThat(answers).hasSize(3 * 9);
    String figures = Files.readString(temp.resolve("out/summary.json"));

    assertThat(run(command)).as(err.toString()).isZero();
    assertThat(Files.readAllLines(temp.resolve("out/answers.jsonl"))).isEqualTo(answers);
    assertThat(Files.readString(temp.resolve("out/summary.json"))).isEqualTo(figures);
  }

  @Test
  void questionsWithHistory_areAskedBehindIt() throws IOException {
    Path set = SmallSets.colours(temp.resolve("colours"), 1);
    List<String> lines = Files.readAllLines(set.resolve("questions.jsonl"));
    ObjectNode alone = (ObjectNode) new ObjectMapper().readTree(lines.get(0));
    ObjectNode second = alone.deepCopy().put("id", "second");
    second
        .putArray("history")
        .addObject()
        .put("question", "How many shapes are there?")
        .put("answer", "1");
    Files.write(set.resolve("questions.jsonl"), List.of(alone.toString(), second.toString()));

    assertThat(run(set.toString(), "--model=" + MODEL, "--out=" + temp.resolve("out")))
        .as(err.toString())
        .isZero();

    List<JsonNode> answers = new ArrayList<>();
    for (String line : Files.readAllLines(temp.resolve("out/answers.jsonl"))) {
      answers.add(new ObjectMapper().readTree(line));
    }
    assertThat(answers).hasSize(2);
    assertThat(answers.get(1).at("/prompt_tokens").asInt())
        .isGreaterThan(answers.get(0).at("/prompt_tokens").asInt() + 5);
    assertThat(answers.get(1).at("/visual_tokens")).isEqualTo(answers.get(0).at("/visual_tokens"));
  }

  @Test
  void aTypedPlaceholderIsText_andEndsNoRun() throws IOException {
    Path set = SmallSets.colours(temp.resolve("typed"), 1);
    Files.writeString(
        set.resolve("questions.jsonl"),
        """
        {"id": "1", "images": ["images/0.png"], "question": "What color is it?", "answer": "red"}
        {"id": "2", "images": ["images/0.png"], "question": "<image> What color is it?", "answer": "red"}
        """);
    assertThat(
            run(
                set.toString(),
                "--model=" + MODEL,
                "--no-baselines",
                "--on-error=stop",
                "--out=" + temp.resolve("out")))
        .as(err.toString())
        .isZero();
    List<String> lines = Files.readAllLines(temp.resolve("out/answers.jsonl"));
    JsonNode plain = new ObjectMapper().readTree(lines.get(0));
    JsonNode typed = new ObjectMapper().readTree(lines.get(1));
    assertThat(typed.at("/visual_tokens/total").asInt())
        .isPositive()
        .isEqualTo(plain.at("/visual_tokens/total").asInt());
    assertThat(typed.path("prompt_tokens").asInt())
        .isGreaterThan(plain.path("prompt_tokens").asInt());
    assertThat(typed.path("error").isTextual()).isFalse();
  }

  @Test
  void addsBaselines_andReportsOnOnePage() throws IOException {
    Path colours = SmallSets.colours(temp.resolve("colours"), 3);
    Path run = temp.resolve("out");
    assertThat(
            run(
                colours.toString(),
                "--plan=encoder:cls-attention(keep=0.25)",
                "--model=" + MODEL,
                "--out=" + run))
        .as(err.toString())
        .isZero();
    JsonNode summary = new ObjectMapper().readTree(run.resolve("summary.json").toFile());
    assertThat(summary.at("/families/0/plans").findValuesAsText("plan"))
        .containsExactly(
            "none",
            "encoder:random(keep=0.25)",
            "encoder:uniform-grid(keep=0.25)",
            "encoder:average-pool(keep=0.25)",
            "tiles:downsample(keep=0.25)",
            "encoder:cls-attention(keep=0.25)");
    assertThat(summary.at("/families/0/plans/0/flops/prefill/full").asDouble())
        .isGreaterThan(summary.at("/families/0/plans/1/flops/prefill/full").asDouble());
    assertThat(summary.at("/families/0/plans/1/objects/kept_anywhere").asDouble()).isEqualTo(0.25);

    PrintWriter errors = new PrintWriter(err);
    assertThat(Squint.run(new PrintWriter(out), errors, "report", run.toString()))
        .as(err.toString())
        .isZero();
    String page = Files.readString(run.resolve("report.html"));
    assertThat(page).contains("<svg").contains("<table>").contains("encoder:random(keep=0.25)");
    assertThat(page).doesNotContain("<script").doesNotContain("src=\"http");
    assertThat(Files.readString(run.resolve("report.md")))
        .isEqualTo(Files.readString(run.resolve("summary.md")));
    List<String> table = Files.readAllLines(run.resolve("report.csv"));
    assertThat(table.get(0))
        .startsWith("set,plan,kind,questions,accuracy,accuracy.low,accuracy.high,");
    assertThat(table.get(0)).contains("tokens.kept_mean").contains("ms.first_token");
    assertThat(table).hasSize(1 + 6 * 3);
    assertThat(table.get(1).replace("\"", "")).startsWith("colours,none,,6,");
    assertThat(table)
        .anyMatch(
            row -> row.replace("\"", "").startsWith("colours,encoder:random(keep=0.25),color,3,"));
    exportsForHarnesses(run);
    Files.delete(run.resolve("examples.json"));
    assertThat(Squint.run(new PrintWriter(out), errors, "report", run.toString())).isZero();
    assertThat(Squint.run(new PrintWriter(out), errors, "report", colours.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("holds no finished run");
    String chart = temp.resolve("chart.svg").toString();
    assertThat(Squint.run(new PrintWriter(out), errors, "report", run.toString(), "--chart", chart))
        .isEqualTo(2);
    assertThat(err.toString())
        .contains("--chart needs a method with two budgets or more; the run has none");
  }

  @Test
  void batchesChangeNoAnswer() throws IOException {
    Path colours = SmallSets.colours(temp.resolve("colours"), 6);
    List<String> command =
        List.of(
            colours.toString(),
            "--plan=encoder:random(keep=0.25)",
            "--plan=layer2:fastv(keep=0.5)",
            "--plan=cache:streamingllm(tokens=40)",
            "--model=" + MODEL,
            "--no-baselines");
    assertThat(run(command, "--out=" + temp.resolve("alone"))).as(err.toString()).isZero();
    assertThat(run(command, "--batch=4", "--out=" + temp.resolve("together")))
        .as(err.toString())
        .isZero();

    assertThat(withoutTimes(temp.resolve("together")))
        .hasSize(4 * 12)
        .isEqualTo(withoutTimes(temp.resolve("alone")));
    assertThat(run(command, "--batch=4", "--threads=2")).isEqualTo(2);
    assertThat(err.toString()).contains("--threads and --batch cannot be combined");
    assertThat(run(command, "--batch=0")).isEqualTo(2);
  }

  private int run(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return run(all.toArray(new String[0]));
  }

  /** The lines of a log, sorted. */
  private static List<String> withoutTimes(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("answers.jsonl"))) {
      ObjectNode row = (ObjectNode) new ObjectMapper().readTree(line);
      assertThat(row.has("ms")).isTrue();
      assertThat(row.has("timings_ms")).isTrue();
      row.remove(List.of("ms", "timings_ms"));
      lines.add(row.toString());
    }
    return lines.stream().sorted().toList();
  }

  private void exportsForHarnesses(Path run) throws IOException {
    Path lmms = temp.resolve("lmms");
    assertThat(export(run, "lmms-eval", lmms)).as(err.toString()).isZero();
    Path results = Path.of(out.toString().lines().findFirst().orElseThrow());
    assertThat(results).hasParent(lmms.resolve("tiled"));
    JsonNode figures = new ObjectMapper().readTree(results.toFile());
    assertThat(figures.at("/results/colours/exact_match,none").isNumber()).isTrue();
    assertThat(figures.at("/results/colours/exact_match_stderr,none").isNumber()).isTrue();
    assertThat(figures.at("/n-samples/colours/effective").asInt()).isEqualTo(6);
    String samples = results.toString().replace("_results.json", "_samples_colours.jsonl");
    List<String> lines = Files.readAllLines(Path.of(samples));
    assertThat(lines).hasSize(6);
    JsonNode sample = new ObjectMapper().readTree(lines.get(1));
    assertThat(sample.path("doc_id").asInt()).isEqualTo(1);
    assertThat(sample.path("filtered_resps").isTextual()).isTrue();
    assertThat(sample.path("score").isNumber()).isTrue();
    assertThat(sample.path("doc_hash").asText()).hasSize(64);
    assertThat(lmms.resolve("tiled-encoder_random_keep=0.25")).isDirectory();

    Path kit = temp.resolve("kit");
    assertThat(export(run, "vlmevalkit", kit)).as(err.toString()).isZero();
    List<String> rows = Files.readAllLines(kit.resolve("tiled/tiled_colours.tsv"));
    assertThat(rows.get(0))
        .isEqualTo("index\tid\tquestion\thint\tanswer\tcategory\timage_path\tprediction");
    assertThat(rows).hasSize(7);
    assertThat(rows.get(1).replace("\"", ""))
        .startsWith("0\t0-color\tWhat color is it?\t\tred\tcolor\timages/0.png\t");
    assertThat(Files.readAllLines(kit.resolve("tiled/tiled_colours_acc.csv")).get(0))
        .isEqualTo("Overall,color,exist");
    assertThat(export(run, "csv", kit)).isEqualTo(2);
    assertThat(err.toString()).contains("--format must be lmms-eval or vlmevalkit but was csv");
  }

  private int export(Path run, String format, Path folder) {
    out.getBuffer().setLength(0);
    String[] words = {"export", run.toString(), "--format=" + format, "--out=" + folder};
    return Squint.run(new PrintWriter(out), new PrintWriter(err), words);
  }

  @Test
  void plansThatEncodeFewerTiles_haveTheirExamplesDrawn() throws IOException {
    String tiles = "tiles:random(keep=0.5)";
    Path run = temp.resolve("out");
    String[] command = {
      SmallSets.colours(temp.resolve("large"), 1, 256).toString(),
      "--plan=" + tiles,
      "--no-baselines",
      "--model=" + MODEL,
      "--out=" + run
    };
    assertThat(run(command)).as(err.toString()).isZero();
    // A model with random weights has no right answers, so the test edits the log to get examples.
    Path log = run.resolve("answers.jsonl");
    List<String> answers =
        Files.readAllLines(log).stream()
            .map(line -> line.contains(tiles) ? line.replace("\"score\":0,", "\"score\":1,") : line)
            .toList();
    Files.write(log, answers);

    assertThat(run(command)).as(err.toString()).isZero();
    JsonNode example = new ObjectMapper().readTree(run.resolve("examples.json").toFile()).get(0);
    assertThat(example.get("plan").asText()).isEqualTo(tiles);
    assertThat(run.resolve("maps").resolve(example.get("map").asText())).isNotEmptyFile();
  }

  @Test
  void downsample_shrinksWhatATiledModelSees_andLeavesHardQuestions() throws IOException {
    Path run = temp.resolve("out");
    Path large = Path.of("../samples/tiny-vlm/heldout/large-shapes.zip");
    String[] command = {
      // The second is wrong in a smaller picture; one in 24 is.
      SmallSets.some(large, temp, "0007-1", "0054-7", "0097-0", "0120-7").toString(),
      "--plan=encoder:cls-attention(keep=0.25)",
      "--model=../samples/tiny-vlm/package",
      "--out=" + run
    };
    assertThat(run(command)).as(err.toString()).isZero();
    JsonNode plans =
        new ObjectMapper().readTree(run.resolve("summary.json").toFile()).at("/families/0/plans");
    JsonNode smaller = plans.get(4);
    assertThat(smaller.path("plan").asText()).isEqualTo("tiles:downsample(keep=0.25)");
    assertThat(smaller.at("/tokens/kept_mean").asDouble())
        .isPositive()
        .isLessThanOrEqualTo(0.26 * plans.get(0).at("/tokens/kept_mean").asDouble());
    assertThat(plans.get(5).at("/hard/questions").asInt()).isPositive();
    assertThat(smaller.path("hard").isNull()).isTrue();
  }

  @Test
  void missingPicture_isReportedBeforeTheFirstQuestion() throws IOException {
    Path set = missing();
    Path run = temp.resolve("out");
    assertThat(run(set.toString(), "--model=" + MODEL, "--out=" + run)).isEqualTo(1);
    assertThat(err.toString())
        .contains("2 of 4 questions of 'missing' have a missing or damaged picture")
        .contains("question '2': the set has no picture 'images/nope.png'")
        .contains("question '3'")
        .contains("--on-error skip");
    assertThat(run.resolve("answers.jsonl")).isEmptyFile();
    assertThat(run(set.toString(), "--on-error=ignore")).isEqualTo(2);
    assertThat(err.toString()).contains("--on-error must be stop or skip but was ignore");
  }

  @Test
  void skippedQuestions_countAsWrong_andResumeToTheSameRows() throws IOException {
    Path set = missing();
    Path run = temp.resolve("out");
    String[] command = {
      set.toString(),
      "--plan=encoder:random(keep=0.25)",
      "--no-baselines",
      "--on-error=skip",
      "--model=" + MODEL,
      "--out=" + run
    };
    assertThat(run(command)).as(err.toString()).isZero();
    assertThat(err.toString())
        .contains("4 answers are missing and count as wrong")
        .contains("question '2' of 'missing': the set has no picture 'images/nope.png'");
    assertThat(out.toString()).contains("**4 of 8 answers on missing are missing");
    List<String> rows = Files.readAllLines(run.resolve("answers.jsonl"));
    assertThat(rows).hasSize(8);
    String summary = Files.readString(run.resolve("summary.json"));
    JsonNode plan = new ObjectMapper().readTree(summary).at("/families/0/plans/1");
    assertThat(plan.path("failed").asInt()).isEqualTo(2);
    assertThat(plan.at("/accuracy/value").asDouble()).isLessThanOrEqualTo(0.5);
    assertThat(plan.at("/tokens/kept_mean").asDouble())
        .isEqualTo(plan.at("/tokens/encoded_mean").asDouble() / 4)
        .isPositive();

    // As a killed run leaves it: some rows, and the start of another.
    Files.writeString(
        run.resolve("answers.jsonl"),
        String.join("\n", rows.subList(0, 5)) + "\n" + rows.get(5).substring(0, 20));
    assertThat(run(command)).as(err.toString()).isZero();
    assertThat(withoutTimes(Files.readAllLines(run.resolve("answers.jsonl"))))
        .containsExactlyInAnyOrderElementsOf(withoutTimes(rows));
    assertThat(Files.readString(run.resolve("summary.json"))).isEqualTo(summary);

    // The picture is there now: its questions are asked, the others are not.
    Files.copy(set.resolve("images/0.png"), set.resolve("images/nope.png"));
    assertThat(run(command)).as(err.toString()).isZero();
    assertThat(err.toString()).contains("2 answers are missing");
    assertThat(Files.readAllLines(run.resolve("answers.jsonl"))).hasSize(10);
  }

  /** A set with a missing and a damaged picture. */
  private Path missing() throws IOException {
    Path set = SmallSets.colours(temp.resolve("missing"), 2);
    Files.writeString(set.resolve("images/damaged.png"), "no picture");
    Files.writeString(
        set.resolve("questions.jsonl"),
        """
        {"id": "1", "image": "images/0.png", "question": "What color is it?", "answer": "red"}
        {"id": "2", "image": "images/nope.png", "question": "What color is it?", "answer": "red"}
        {"id": "3", "image": "images/damaged.png", "question": "What color is it?", "answer": "red"}
        {"id": "4", "image": "images/1.png", "question": "What color is it?", "answer": "red"}
        """);
    return set;
  }

  private static List<String> withoutTimes(List<String> rows) {
    return rows.stream().map(row -> row.replaceAll("\"(timings_ms|ms)\":\\{[^}]*}", "")).toList();
  }

  @Test
  void encodesAPictureOnceForPlansOfEqualNeeds() throws IOException {
    Path colours = SmallSets.colours(temp.resolve("colours"), 2);
    run(
        colours.toString(),
        "--plan=encoder:random(keep=0.5)",
        "--no-baselines",
        "--model=" + MODEL,
        "--out=" + temp.resolve("out"));
    long encoded =
        Files.readAllLines(temp.resolve("out/answers.jsonl")).stream()
            .filter(line -> line.contains("\"encode_cached\":false"))
            .count();
    assertThat(encoded).isEqualTo(2);
  }

  @Test
  void reportsErrors() throws IOException {
    String colours = SmallSets.colours(temp.resolve("colours"), 1).toString();
    assertThat(run(colours, "--limit=0")).isEqualTo(2);
    assertThat(err.toString()).contains("--limit must be at least 1 but was 0");
    assertThat(run(colours, colours, "--model=" + MODEL)).isEqualTo(2);
    assertThat(err.toString()).contains("two data sets have the same name");
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> words = new ArrayList<>(List.of("eval"));
    words.addAll(List.of(arguments));
    return Squint.run(new PrintWriter(out), new PrintWriter(err), words.toArray(String[]::new));
  }
}
