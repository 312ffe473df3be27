package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishes a small run of the default model and checks true and wrong figures of it. */
class VerifyResultsCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RANDOM = "encoder:random(keep=0.25)";

  @TempDir static Path once;
  @TempDir Path folder;
  private Path run = Path.of("");
  private Path page = Path.of("");
  private String printed = "";

  @BeforeEach
  void publish() throws IOException {
    Path made = once.resolve("run");
    if (!Files.exists(made)) {
      CommandLine.run(
          "eval",
          "../samples/tiny-vlm/heldout/text.zip",
          "--model=../samples/tiny-vlm/package",
          "--limit=20",
          "--plan=" + RANDOM,
          "--no-baselines",
          "--out=" + made);
    }
    run = Files.createDirectory(folder.resolve("run"));
    for (String file : List.of("run.json", "summary.json", "scores.jsonl")) {
      Files.copy(made.resolve(file), run.resolve(file));
    }
    page = folder.resolve("page.md");
    writePage(accuracy(0), accuracy(1));
  }

  @Test
  void trueFiguresHold() {
    assertThat(verify(page, "--limit=6")).as(printed).isZero();
    assertThat(printed).contains("2 of 2 figures hold").doesNotContain("CONTRADICTED");
    assertThat(printed.lines().filter(line -> line.matches(".* 6 +6 +holds"))).hasSize(2);
  }

  @Test
  void wrongFigures_areNamedWithBothIntervals() throws IOException {
    publishEverywhere(0.3);
    writePage(accuracy(0), "99.0 [98.0, 100.0]");
    Files.delete(run.resolve("scores.jsonl"));

    assertThat(verify(page, "--limit=18")).isEqualTo(1);

    assertThat(printed)
        .containsPattern(
            "page.md:5: text, none, published 30.0 \\[0.0, 95.0]: 18 of 20 questions give \\d+\\.\\d \\[\\d+\\.\\d, \\d+\\.\\d], which does not contain the published value")
        .contains("page.md:6: text, " + RANDOM + ", published 99.0 [98.0, 100.0]: ")
        .contains("summary.json has " + accuracy(1))
        .contains("0 of 2 figures hold");
  }

  @Test
  void otherQuestions_orNoEvaluation_areNamed() throws IOException {
    Path file = run.resolve("run.json");
    String text = Files.readString(file);
    Files.writeString(file, text.replaceAll("\"text\" : \"[0-9a-f]{4}", "\"text\" : \"0000"));
    assertThat(verify(run, "--limit=2")).isEqualTo(1);
    assertThat(printed)
        .contains("the questions of text are not those of the run")
        .contains("0 of 2 figures hold");

    Files.writeString(file, text.replace("\"eval\"", "\"report\""));
    assertThat(verify(page)).isEqualTo(1);
    assertThat(printed).contains("was not made by 'squint eval' but by 'squint report");
    assertThat(verify(page, "--limit=0")).isEqualTo(2);
  }

  /** Writes this share for the first plan into the page and the run's figures. */
  private void publishEverywhere(double share) throws IOException {
    ObjectNode summary = (ObjectNode) JSON.readTree(run.resolve("summary.json").toFile());
    ((ObjectNode) summary.at("/families/0/plans/0/accuracy"))
        .put("value", share)
        .put("low", share - 0.3)
        .put("high", share + 0.65);
    JSON.writeValue(run.resolve("summary.json").toFile(), summary);
    writePage(accuracy(0), accuracy(1));
  }

  private String accuracy(int plan) throws IOException {
    JsonNode figure =
        JSON.readTree(run.resolve("summary.json").toFile())
            .at("/families/0/plans/%d/accuracy".formatted(plan));
    return String.format(
        Locale.ROOT,
        "%.1f [%.1f, %.1f]",
        100 * figure.get("value").asDouble(),
        100 * figure.get("low").asDouble(),
        100 * figure.get("high").asDouble());
  }

  private void writePage(String none, String random) throws IOException {
    Files.writeString(
        page,
        """
        [The run](run/summary.md)

        | `encoder:*(keep=0.25)` | text |
        |---|---:|
        | `none` | %s |
        | `random` | %s |
        """
            .formatted(none, random));
  }

  private int verify(Path place, String... options) {
    StringWriter out = new StringWriter();
    String[] words = new String[options.length + 2];
    words[0] = "verify-results";
    words[1] = place.toString();
    System.arraycopy(options, 0, words, 2, options.length);
    int code = Squint.run(new PrintWriter(out), new PrintWriter(out), words);
    printed = out.toString();
    return code;
  }
}
