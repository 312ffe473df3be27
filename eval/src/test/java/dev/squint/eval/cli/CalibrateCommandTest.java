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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrateCommandTest {

  private static final String MODEL = "../llm-decoder/src/test/resources/packages/llava";

  @TempDir Path temp;
  private final StringWriter err = new StringWriter();

  @Test
  void measuresLayers_choosesPlans_andResumes() throws IOException {
    Path data = SmallSets.colours(temp.resolve("colours"), 2);
    Path out = temp.resolve("c.json");
    String[] command = {
      "calibrate", "--data=" + data, "--model=" + MODEL, "--limit=2", "--out=" + out
    };
    assertThat(run(command)).as(err.toString()).isZero();

    JsonNode result = new ObjectMapper().readTree(out.toFile());
    assertThat(result.get("layers").asInt()).isEqualTo(4);
    assertThat(result.get("visual_attention")).hasSize(3);
    assertThat(result.get("attention_rank")).hasSize(3);
    assertThat(result.get("exit_agreement")).hasSize(3);
    result.get("visual_attention").forEach(mass -> assertThat(mass.asDouble()).isBetween(0.0, 1.0));
    assertThat(result.at("/plans/p-sigmoid").asText()).contains("layer1:fastv(keep=");
    assertThat(result.get("figures")).hasSameSizeAs(result.get("plans"));
    assertThat(result.at("/figures/default/agreement").asDouble()).isBetween(0.97, 1.0);
    assertThat(result.at("/figures/p-sigmoid/layer_share").asDouble()).isBetween(0.3, 0.7);
    String plan = result.at("/plans/default").asText();
    List<String> asked = Files.readAllLines(temp.resolve("c.json.answers/answers.jsonl"));

    assertThat(run(command)).as(err.toString()).isZero();
    assertThat(Files.readAllLines(temp.resolve("c.json.answers/answers.jsonl"))).isEqualTo(asked);

    assertThat(
            run(
                "ask",
                data.resolve("images/0.png").toString(),
                "What color is it?",
                "--model=" + MODEL,
                "--max-tokens=1",
                "--json",
                "--plan=calibrated:" + out))
        .as(err.toString())
        .isZero();
    assertThat(printed).contains("\"plan\" : \"" + plan + "\"");
  }

  private String printed = "";

  private int run(String... arguments) {
    StringWriter out = new StringWriter();
    int code = Squint.run(new PrintWriter(out), new PrintWriter(err), arguments);
    printed = out.toString();
    return code;
  }
}
