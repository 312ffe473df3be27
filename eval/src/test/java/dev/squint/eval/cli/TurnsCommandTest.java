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

class TurnsCommandTest {

  private static final String GUIDED = "encoder:text-guided(keep=0.0625)";

  private static final Path DIALOGUE = Path.of("../samples/tiny-vlm/heldout/dialogue.zip");

  @TempDir Path folder;

  @Test
  void firstTurnsTokensMissTheSecondObject_whereThePlanReadsTheQuestion() throws IOException {
    // The first turn's tokens have nothing of the objects of the first and the last, as in one of
    // 20 questions.
    Path set =
        SmallSets.some(
            DIALOGUE, folder, "0042-1", "0046-1", "0053-1", "0064-3", "0078-5", "0085-1", "0136-3",
            "0140-1", "0144-1");
    String printed =
        CommandLine.run(
            "turns",
            set.toString(),
            "--model=../samples/tiny-vlm/package",
            "--plan=" + GUIDED,
            "--out=" + folder);

    JsonNode plans = new ObjectMapper().readTree(folder.resolve("turns.json").toFile());
    assertThat(plans.findValuesAsText("plan"))
        .containsExactly(
            "none",
            "encoder:random(keep=0.0625)",
            "encoder:uniform-grid(keep=0.0625)",
            "encoder:average-pool(keep=0.0625)",
            GUIDED);
    assertThat(plans.findValues("questions")).allMatch(number -> number.asInt() == 9);
    JsonNode none = plans.get(0);
    assertThat(none.get("objects_each_turn").asDouble()).isEqualTo(1);
    assertThat(none.get("dropped").asInt()).isZero();
    assertThat(none.get("dropped_first_turn").isNull()).isTrue();
    assertThat(none.at("/difference/value").asDouble()).isZero();
    JsonNode blind = plans.get(2);
    assertThat(blind.get("objects_first_turn")).isEqualTo(blind.get("objects_each_turn"));
    assertThat(blind.get("reused_first_turn").asDouble()).isGreaterThan(0.1);
    JsonNode guided = plans.get(4);
    assertThat(guided.get("objects_each_turn").asDouble())
        .isGreaterThan(guided.get("objects_first_turn").asDouble());
    assertThat(guided.get("reused_first_turn").asDouble())
        .isGreaterThan(guided.get("reused_each_turn").asDouble());
    assertThat(guided.get("dropped").asInt()).isPositive();
    assertThat(guided.at("/dropped_first_turn/value").isNumber()).isTrue();
    JsonNode row =
        new ObjectMapper().readTree(Files.readAllLines(folder.resolve("turns.jsonl")).get(4));
    assertThat(row.at("/first_turn/prompt_tokens")).isEqualTo(row.at("/each_turn/prompt_tokens"));
    assertThat(row.at("/alone/prompt_tokens").asInt())
        .isLessThan(row.at("/each_turn/prompt_tokens").asInt());
    assertThat(row.at("/alone/reused_tokens").asInt()).isZero();
    assertThat(Files.readString(folder.resolve("turns.md")))
        .isEqualTo(printed)
        .contains("## dialogue: right answers to 9 questions")
        .contains("- command: `squint turns");
  }

  @Test
  void threads_doNotChangeRows() throws IOException {
    Path set = SmallSets.some(DIALOGUE, folder, "0042-1", "0046-1", "0085-1", "0144-1");
    List<List<String>> rows = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      Path out = folder.resolve("threads-" + threads);
      CommandLine.run(
          "turns",
          set.toString(),
          "--model=../samples/tiny-vlm/package",
          "--plan=" + GUIDED,
          "--threads=" + threads,
          "--out=" + out);
      rows.add(Files.readAllLines(out.resolve("turns.jsonl")));
    }

    assertThat(rows.get(0)).hasSize(5 * 4);
    assertThat(rows.get(1)).isEqualTo(rows.get(0));
  }

  @Test
  void setsWithoutHistory_andPlansElsewhere_areRefused() {
    String shapes = "../samples/tiny-vlm/heldout/shapes.zip";
    String model = "--model=../samples/tiny-vlm/package";
    assertThat(fails(1, shapes, model))
        .contains("'shapes' has no question with one earlier turn in its 'history'");
    assertThat(fails(1, shapes, model, "--plan=layer2:fastv(keep=0.5)"))
        .contains("'layer2:fastv(keep=0.5)' does not act at 'encoder' alone");
    assertThat(fails(1, DIALOGUE.toString(), model, "--kind=color"))
        .contains("'dialogue' has no questions of the kinds [color]; there are [alone, second]");
    assertThat(fails(2, shapes, "--threads=0")).contains("--threads must be at least 1 but was 0");
    assertThat(fails(2, shapes, "--limit=0")).contains("--limit must be at least 1 but was 0");
  }

  private static String fails(int code, String... options) {
    StringWriter out = new StringWriter();
    List<String> words = new ArrayList<>(List.of("turns"));
    words.addAll(List.of(options));
    assertThat(Squint.run(new PrintWriter(out), new PrintWriter(out), words.toArray(String[]::new)))
        .isEqualTo(code);
    return out.toString();
  }
}
