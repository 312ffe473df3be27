package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.eval.bench.Setting;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.SessionSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {

  private static final Path TILED = Path.of("../llm-decoder/src/test/resources/packages/tiled");

  @TempDir private Path folder;

  @Test
  void writesFiguresWithTheirCommandAndMachine() throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Path result = folder.resolve("speed");
    int code =
        Squint.run(
            new PrintWriter(out),
            new PrintWriter(err),
            "bench",
            "--model",
            TILED.toString(),
            "--parts",
            "stages,drafts,plans,cost,pictures,files,clips,clients,client-pictures,loading",
            "--clients",
            "1,3",
            "--rounds",
            "2",
            "--tokens",
            "20",
            "--edge",
            "96",
            "--out",
            result.toString());
    assertThat(code).as(err.toString()).isZero();
    JsonNode json = new ObjectMapper().readTree(folder.resolve("speed.json").toFile());
    assertThat(json.path("model").asText()).isEqualTo("tiled");
    assertThat(json.path("command").asText()).startsWith("squint bench --model");
    assertThat(json.path("machine").path("cores").asInt()).isPositive();
    assertThat(json.path("sections").findValuesAsText("name"))
        .containsExactly(
            "opening graphs",
            "stages",
            "drafts",
            "plans",
            "cost",
            "time to first token",
            "a file that is asked about again",
            "clips",
            "clients",
            "clients with pictures");
    for (int section : new int[] {8, 9}) {
      JsonNode rows = json.path("sections").path(section).path("rows");
      assertThat(rows.findValuesAsText("decoded together")).containsExactly("1", "1", "8", "8");
      assertThat(rows.findValuesAsText("clients")).containsExactly("1", "3", "1", "3");
      assertThat(rows.findValuesAsText("questions")).containsExactly("4", "6", "4", "6");
      assertThat(rows.path(0).path("by one client alone").asDouble()).isEqualTo(1);
      assertThat(rows.path(3).path("tokens a second").asDouble()).isPositive();
      assertThat(rows.path(3).path("first token, p95").asDouble())
          .isBetween(
              rows.path(3).path("first token, median").asDouble(),
              rows.path(3).path("answer, p95").asDouble());
    }
    JsonNode drafts = json.path("sections").path(2).path("rows");
    assertThat(drafts.findValuesAsText("drafts")).containsExactly("0", "1", "3", "7", "15");
    assertThat(drafts.path(0).path("ratio to one token").asDouble()).isEqualTo(1);
    JsonNode stages = json.path("sections").path(1);
    assertThat(stages.path("rows").size()).isEqualTo(6);
    assertThat(stages.path("rows").path(0).path("ratio").asDouble()).isEqualTo(1);
    assertThat(stages.path("goals").path(0).path("at_most").asDouble()).isEqualTo(1.03);
    JsonNode plans = json.path("sections").path(3).path("rows");
    assertThat(plans.path(0).path("ratio of operations").asDouble()).isEqualTo(1);
    assertThat(plans.path(2).path("plan").asText()).isEqualTo("encoder:uniform-grid(keep=0.25)");
    assertThat(plans.path(2).path("ratio of operations").asDouble()).isBetween(0.2, 0.7);
    assertThat(json.path("sections").path(5).path("rows").path(1).path("tiles encoded").asText())
        .isEqualTo("5 of 5");
    for (int section : new int[] {5, 7}) {
      JsonNode none = json.path("sections").path(section).path("rows").path(0);
      assertThat(none.path("second by first").asDouble()).isPositive();
      assertThat(none.path("prompt tokens reused").asText()).matches("[1-9]\\d* of \\d+");
    }
    JsonNode graphs = json.path("sections").path(0).path("rows");
    assertThat(graphs.findValuesAsText("graph"))
        .containsExactly("vision_encoder.onnx", "embed_tokens.onnx", "decoder_model_merged.onnx");
    assertThat(graphs.path(2).path("stored").asDouble()).isPositive();
    JsonNode files = json.path("sections").path(6).path("rows");
    assertThat(files.findValuesAsText("picture"))
        .containsExactly("decoded and resized again", "from the cache of pictures");
    assertThat(files.path(0).path("ratio").asDouble()).isEqualTo(1);
    assertThat(files.path(1).path("read, to first token").asDouble()).isPositive();
    assertThat(Files.readString(folder.resolve("speed.md")))
        .isEqualTo(out.toString())
        .contains("# Speed of tiled", "| 4 stages |", "(goal: at most 1.150)");
  }

  @Test
  void comparesTheFormsOfAPackage() throws IOException {
    StringWriter err = new StringWriter();
    Path result = folder.resolve("speed");
    int code =
        Squint.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            "bench",
            "--model",
            "../samples/tiny-vlm/package",
            "--parts",
            "forms",
            "--compare-variants",
            "fp32;decoder=q8,vision=fp32,embed=fp32",
            "--rounds",
            "1",
            "--tokens",
            "20",
            "--out",
            result.toString());
    assertThat(code).as(err.toString()).isZero();
    JsonNode rows =
        new ObjectMapper()
            .readTree(folder.resolve("speed.json").toFile())
            .path("sections")
            .path(0)
            .path("rows");
    assertThat(rows.findValuesAsText("form"))
        .containsExactly(
            "vision=fp32,embed=fp32,decoder=fp32", "vision=fp32,embed=fp32,decoder=q8");
    assertThat(rows.path(0).path("ratio of decode").asDouble()).isEqualTo(1);
    for (String figure : new String[] {"encode a tile", "prefill, processors", "decode a token"}) {
      assertThat(rows.path(1).path(figure).asDouble()).as(figure).isPositive();
    }
  }

  @Test
  void refusesAFormBesidesThoseThatAreCompared() {
    StringWriter err = new StringWriter();
    PrintWriter out = new PrintWriter(new StringWriter());
    int code =
        Squint.run(
            out,
            new PrintWriter(err),
            "bench",
            "--model=" + TILED,
            "--parts=forms",
            "--variant=q8",
            "--compare-variants=fp32;q8");
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("omit --variant");
  }

  @Test
  void measuresMethodsAndCachePolicies() throws IOException {
    StringWriter err = new StringWriter();
    int code =
        Squint.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            "bench",
            "--model",
            TILED.toString(),
            "--parts",
            "methods,cache",
            "--rounds",
            "1",
            "--visual-tokens",
            "200",
            "--cached-tokens",
            "100",
            "--plan",
            "layer2:fastv(keep=0.5)",
            "--plan",
            "cache:streamingllm(keep=0.25)",
            "--plan",
            "decoder:skipdecode(fewest=0.5,answer=2)",
            "--out",
            folder.resolve("speed").toString());
    assertThat(code).as(err.toString()).isZero();
    JsonNode sections =
        new ObjectMapper().readTree(folder.resolve("speed.json").toFile()).path("sections");
    assertThat(sections.findValuesAsText("name"))
        .containsExactly("methods, 200 visual tokens", "cache, 100 tokens");

    JsonNode methods = sections.path(0).path("rows");
    assertThat(methods.path(0).path("promised").asDouble()).isEqualTo(1);
    assertThat(methods.path(1).path("promised").asDouble()).isBetween(1.2, 1.5);
    assertThat(methods.path(1).path("promised for decode").asDouble()).isBetween(1.01, 1.5);
    assertThat(methods.path(1).path("pays").asText()).isIn("yes", "no");
    // Half of the layers from the second token on.
    assertThat(methods.path(3).path("promised").asDouble()).isEqualTo(1);
    assertThat(methods.path(3).path("promised for decode").asDouble()).isBetween(1.2, 2.0);
    // Layers 0 and 1 cache 240 tokens, layers 2 and 3 cache 140.
    assertThat(methods.path(1).path("KV").asDouble() / methods.path(0).path("KV").asDouble())
        .isEqualTo(380 / 480.0, within(1e-9));

    JsonNode cache = sections.path(1).path("rows");
    assertThat(cache.path(0).path("share held").asDouble()).isEqualTo(1);
    assertThat(cache.path(2).path("share held").asDouble()).isEqualTo(0.25);
    assertThat(cache.path(2).path("MB before").asDouble() * 0.25)
        .isEqualTo(cache.path(2).path("MB after").asDouble(), within(1e-9));
    assertThat(cache.path(2).path("tokens a second").asDouble()).isPositive();
  }

  @Test
  void measuresASettingInASeparateProcess() {
    SessionSettings pool = SessionSettings.DEFAULT.withOwnThreads(false).withPrepacking(false);
    double[] figures =
        BenchCommand.OneSetting.start(
            TILED.toAbsolutePath().normalize(), Variants.ANY, new Setting(2, pool));
    assertThat(figures).hasSize(6);
    for (int i = 0; i < 4; i++) {
      assertThat(figures[i]).isPositive();
    }
  }

  @Test
  void aSettingOfAFormThatThePackageLacks_isRefused() {
    Path folder = TILED.toAbsolutePath().normalize();
    Variants missing = Variants.parse("decoder=q4f16");
    Setting one = new Setting(1, SessionSettings.DEFAULT);
    assertThatThrownBy(() -> BenchCommand.OneSetting.start(folder, missing, one))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesUnknownParts() {
    StringWriter err = new StringWriter();
    PrintWriter out = new PrintWriter(new StringWriter());
    int code = Squint.run(out, new PrintWriter(err), "bench", "--parts", "everything");
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("--parts must be some of [stages, drafts, plans");
  }
}
