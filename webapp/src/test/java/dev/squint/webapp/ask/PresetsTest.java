package dev.squint.webapp.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** Plans by name: their figures are those of result files, or of a calibration. */
class PresetsTest {

  private static final Path RESULTS = Path.of("../samples/tiny-vlm/results/vision-methods");

  @TempDir Path temp;

  @Test
  void figuresOfTheTable_areThoseOfTheResultFiles() throws IOException {
    JsonNode presets = presets(RunningServer.trained());
    assertThat(presets.valueStream().map(preset -> preset.path("name").asString()))
        .containsExactly("exact", "balanced", "fast");
    JsonNode summary = read("summary.json").path("families");
    JsonNode times = read("times.json");
    for (JsonNode preset : presets.valueStream().skip(1).toList()) {
      String plan = preset.path("plan").asString();
      JsonNode measured = preset.path("measured");
      int questions = summary.valueStream().mapToInt(set -> set.path("questions").asInt()).sum();
      assertThat(measured.path("questions").asInt()).isEqualTo(questions);
      assertThat(measured.path("accuracy").asDouble())
          .isCloseTo(mean(summary, plan, "accuracy"), within(0.051));
      assertThat(measured.path("accuracy_all").asDouble())
          .isCloseTo(mean(summary, "none", "accuracy"), within(0.051));
      assertThat(measured.path("agreement").asDouble())
          .isCloseTo(mean(summary, plan, "agreement"), within(0.051));
      assertThat(measured.path("sooner").asDouble())
          .isCloseTo(sum(times, "none", "ttft") / sum(times, plan, "ttft"), within(0.0051));
    }
  }

  private static JsonNode presets(RunningServer server) {
    return RunningServer.json(server.get("/api/models")).path(0).path("presets");
  }

  private static JsonNode read(String name) throws IOException {
    return RunningServer.JSON.readTree(Files.readString(RESULTS.resolve(name)));
  }

  /** Per cent, mean over sets of equal size. */
  private static double mean(JsonNode sets, String plan, String figure) {
    return sets.valueStream()
        .mapToDouble(
            set -> {
              JsonNode value = of(set, plan).path(figure);
              return 100 * (value.isObject() ? value.path("value") : value).asDouble();
            })
        .average()
        .orElseThrow();
  }

  private static double sum(JsonNode sets, String plan, String figure) {
    return sets.valueStream().mapToDouble(set -> of(set, plan).path(figure).asDouble()).sum();
  }

  private static JsonNode of(JsonNode set, String plan) {
    return set.path("plans")
        .valueStream()
        .filter(each -> each.path("plan").asString().equals(plan))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void calibration_comesBeforeTheTable() throws IOException {
    Path file = temp.resolve("calibration.json");
    Files.writeString(
        file,
        """
        {"model":"tiled","questions":32,"layers":4,
         "plans":{"default":"layer1:fastv(keep=0.75)","exit":"layer2:uniform-grid(tokens=0)","fastv":"layer1:fastv(keep=0.5)"},
         "figures":{"default":{"agreement":0.97,"layer_share":0.8},
           "exit":{"agreement":0.9,"layer_share":0.5},"fastv":{"agreement":0.8,"layer_share":0.6}}}
        """);
    // Routers are no preset; they are read when a plan names them.
    try (RunningServer server =
        RunningServer.start("--squint.calibrations=" + file + ",routers.safetensors")) {
      JsonNode presets = presets(server);
      assertThat(presets.path(1).path("plan").asString()).isEqualTo("layer1:fastv(keep=0.75)");
      assertThat(presets.path(1).path("measured").path("agreement").asDouble()).isEqualTo(97);
      assertThat(presets.path(2).path("plan").asString())
          .as("the fewest tokens per layer")
          .isEqualTo("layer2:uniform-grid(tokens=0)");
      assertThat(presets.path(2).path("measured").path("layer_share").asDouble()).isEqualTo(0.5);
    }
  }

  @Test
  void modelWithoutFigures_hasPlansThatItSupports() {
    JsonNode presets = presets(RunningServer.shared());
    assertThat(presets.valueStream().map(preset -> preset.path("plan").asString()))
        .containsExactly("none", "encoder:divprune(keep=0.5)", "encoder:divprune(keep=0.25)");
    assertThat(presets.path(1).has("measured")).isFalse();
  }

  @Test
  void modelsOfManyCrops_encodeLess() throws IOException {
    Path folder = temp.resolve("SmolVLM2-500M-Video-Instruct");
    FileSystemUtils.copyRecursively(
        Path.of("../llm-decoder/src/test/resources/packages/smolvlm2"), folder);
    try (RunningServer server = RunningServer.start("--model=" + folder)) {
      assertThat(presets(server).valueStream().map(preset -> preset.path("plan").asString()))
          .containsExactly("none", "patches:hired(keep=0.5)", "patches:hired(keep=0.25)");
    }
  }

  @Test
  void otherFile_stopsTheStart() throws IOException {
    Path file = Files.writeString(temp.resolve("other.json"), "{\"model\":\"tiled\"}");
    assertThatThrownBy(() -> RunningServer.start("--squint.calibrations=" + file))
        .rootCause()
        .hasMessageContaining("which is not a file of 'squint calibrate'");
  }
}
