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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KindOptionTest {

  private static final String MODEL = "--model=../llm-decoder/src/test/resources/packages/tiled";

  @TempDir Path folder;

  @Test
  void onlyQuestionsOfAKind_haveTheFiguresOfPresence() throws IOException {
    Path colours = SmallSets.colours(folder.resolve("colours"), 3);
    CommandLine.run(
        "eval",
        "presence",
        "--data=" + colours,
        "--kind=exist,other",
        "--plan=encoder:uniform-grid(tokens=1)",
        "--no-baselines",
        MODEL,
        "--out=" + folder.resolve("out"));

    JsonNode summary =
        new ObjectMapper().readTree(folder.resolve("out/summary.json").toFile()).at("/families/0");
    assertThat(summary.get("questions").asInt()).isEqualTo(3);
    JsonNode one = summary.at("/plans/1");
    assertThat(one.at("/tokens/kept_mean").asDouble()).isEqualTo(1);
    assertThat(one.get("kinds").fieldNames()).toIterable().containsExactly("exist");
    assertThat(one.get("further").fieldNames())
        .toIterable()
        .contains("precision", "recall", "f1", "yes_ratio");
    // All tokens have the square; the only one of the grid is the middle of the first crop, at the
    // upper left.
    assertThat(summary.at("/plans/0/objects/found").asDouble()).isEqualTo(1);
    assertThat(one.at("/objects/found").asDouble()).isZero();
    assertThat(Files.readString(folder.resolve("out/scores.jsonl")).lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("{\"set\":\"presence\",\"plan\":"));
  }

  @Test
  void kindsThatAreNotThere_areRefusedWithThoseThatAre() throws IOException {
    Path colours = SmallSets.colours(folder.resolve("colours"), 1);
    StringWriter err = new StringWriter();
    PrintWriter printer = new PrintWriter(err);
    assertThat(Squint.run(printer, printer, "eval", colours.toString(), "--kind=size", MODEL))
        .isEqualTo(1);
    assertThat(err.toString())
        .contains("'colours' has no questions of the kinds [size]; there are [color, exist]");
  }
}
