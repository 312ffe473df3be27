package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
    Files.delete(run.resolve("examples.json"));
    assertThat(Squint.run(new PrintWriter(out), errors, "report", run.toString())).isZero();
    assertThat(Squint.run(new PrintWriter(out), errors, "report", colours.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("holds no finished run");
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
    String[] command = {
      "../samples/tiny-vlm/heldout/large-shapes.zip",
      "--plan=encoder:cls-attention(keep=0.25)",
      "--limit=24",
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
