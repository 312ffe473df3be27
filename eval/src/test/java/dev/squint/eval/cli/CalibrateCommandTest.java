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
    result
        .get("visual_attention")
        .forEach(mass -> assertThat(mass.asDouble()).isStrictlyBetween(0.0, 1.0));
    assertThat(result.at("/plans/p-sigmoid").asText()).contains("layer1:fastv(keep=");
    assertThat(result.get("figures")).hasSameSizeAs(result.get("plans"));
    assertThat(result.at("/figures/default/agreement").asDouble()).isBetween(0.97, 1.0);
    assertThat(result.at("/figures/p-sigmoid/layer_share").asDouble()).isBetween(0.3, 0.7);
    assertMade(result, "colours", 0);
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

  @Test
  void routers_areFittedToAPackageWithoutAny_andPlansNameThem() throws IOException {
    Path data = SmallSets.colours(temp.resolve("colours"), 4);
    Path out = temp.resolve("r.safetensors");

    assertThat(
            run(
                "calibrate",
                "--routers",
                "--change=turn",
                "--keep=0.8",
                "--data=" + data,
                "--model=" + MODEL,
                "--limit=4",
                "--seed=7",
                "--out=" + out))
        .as(err.toString())
        .isZero();

    JsonNode about = new ObjectMapper().readTree(temp.resolve("r.safetensors.json").toFile());
    assertThat(about.get("routed_layers")).hasSize(1);
    assertThat(about.at("/routed_layers/0").asInt()).isEqualTo(2);
    assertThat(about.get("routed_share").asDouble()).isEqualTo(0.2);
    assertThat(about.get("attention_rank")).hasSize(3);
    assertMade(about, "colours", 7);
    assertThat(about.at("/correlation/2").asDouble()).isGreaterThan(0.8);
    assertThat(about.get("note").asText()).contains("not the routers of p-MoD or gamma-MoD");
    for (String method : List.of("p-mod", "gamma-mod")) {
      String plan = "decoder:%s(file=%s)".formatted(method, out);
      assertThat(
              run(
                  "ask",
                  data.resolve("images/0.png").toString(),
                  "What color is it?",
                  "--model=" + MODEL,
                  "--max-tokens=1",
                  "--json",
                  "--plan=" + plan))
          .as(err.toString())
          .isZero();
      assertThat(printed)
          .contains("\"plan\" : \"" + plan + "\"")
          .contains("fitted without training");
    }
    assertThat(
            run(
                "calibrate",
                "--routers",
                "--keep=0.7",
                "--data=" + data,
                "--model=" + MODEL,
                "--out=" + out))
        .isEqualTo(1);
    assertThat(err.toString()).contains("so a budget is in [0.75, 1), not 0.7");
    assertThat(run("calibrate", "--routers", "--data=" + data, "--out=r.json")).isEqualTo(2);
    assertThat(err.toString()).contains("--out must end with .safetensors but was 'r.json'");
  }

  @Test
  void heads_areFoundAndCutOut_andTheOtherStrategiesActOnWhatIsLeft() throws IOException {
    Path data = SmallSets.colours(temp.resolve("colours"), 2);
    Path heads = temp.resolve("h.json");
    Path sliced = temp.resolve("sliced");
    assertThat(
            run(
                "calibrate",
                "--heads",
                "--keep=0.9",
                "--data=" + data,
                "--model=" + MODEL,
                "--limit=2",
                "--out=" + heads))
        .as(err.toString())
        .isZero();
    JsonNode found = new ObjectMapper().readTree(heads.toFile());
    assertMade(found, "colours", 0);
    assertThat(found.get("visual_attention")).hasSize(3);
    assertThat(found.get("inactive").valueStream().map(JsonNode::size)).containsExactly(0, 0, 2, 0);

    assertThat(run("slice-heads", MODEL, "--heads=" + heads, "--out=" + sliced))
        .as(err.toString())
        .isZero();
    assertThat(printed).contains("lacks 2 heads");
    assertThat(
            run(
                "ask",
                data.resolve("images/0.png").toString(),
                "What color is it?",
                "--model=" + sliced,
                "--max-tokens=1",
                "--plan=decoder:yopo(from=0.5, window=3)"))
        .as(err.toString())
        .isZero();
    assertThat(run("slice-heads", MODEL, "--heads=" + heads, "--out=" + sliced)).isEqualTo(1);
    assertThat(err.toString()).contains("is not empty");
  }

  /** The file says which command, data and sample it was made from. */
  private static void assertMade(JsonNode file, String data, long seed) {
    JsonNode made = file.get("made");
    assertThat(made.get("data").asText()).isEqualTo(data);
    assertThat(made.get("data_sha256").asText()).hasSize(64);
    assertThat(made.get("seed").asLong()).isEqualTo(seed);
    assertThat(made.get("command").valueStream().map(JsonNode::asText))
        .startsWith("squint", "calibrate")
        .contains("--model=" + MODEL);
  }

  @Test
  void optionsThatHaveNoEffect_areRefused() {
    assertThat(refused("--heads", "--change=turn")).contains("--change says what routers predict");
    assertThat(refused("--change=turn")).contains("so it needs --routers");
    assertThat(refused("--heads", "--agreement=0.5"))
        .contains("--agreement is about the answers of plans; omit it");
    assertThat(refused("--routers", "--agreement=0.97")).contains("omit it with --routers");
  }

  private String refused(String... options) {
    List<String> words = new ArrayList<>(List.of("calibrate", "--data=x", "--out=r.safetensors"));
    words.addAll(List.of(options));
    assertThat(run(words.toArray(String[]::new))).isEqualTo(2);
    return err.toString();
  }

  @Test
  void helpSaysWhatResumes() {
    assertThat(run("calibrate", "--help")).isZero();
    assertThat(printed.replaceAll("\\s+", " "))
        .contains("Neither of these two resumes")
        .contains("Answers about plans are kept in FILE");
  }

  private String printed = "";

  private int run(String... arguments) {
    StringWriter out = new StringWriter();
    int code = Squint.run(new PrintWriter(out), new PrintWriter(err), arguments);
    printed = out.toString();
    return code;
  }
}
