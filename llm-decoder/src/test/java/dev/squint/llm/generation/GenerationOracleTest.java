package dev.squint.llm.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.PackageCopy;
import dev.squint.llm.model.ModelPackage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against transformers' logits processors ({@code samples/fixtures/generation_oracle.py}). */
class GenerationOracleTest {

  private static final Path ORACLE = Path.of("src/test/resources/generation/oracle.json.gz");
  private static final Path PACKAGE = Path.of("src/test/resources/packages/llava");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void logitsAreThoseOfTransformers() throws IOException {
    JsonNode oracle;
    try (InputStream packed = new GZIPInputStream(Files.newInputStream(ORACLE))) {
      oracle = JSON.readTree(packed);
    }
    Set<Long> ends = new HashSet<>();
    oracle.get("eos").forEach(id -> ends.add(id.asLong()));
    PackageCopy.of(PACKAGE, folder);
    int cases = 0;
    for (JsonNode each : oracle.get("cases")) {
      GenerationConfig config = config(each.get("config"));
      LogitsRules.Answer answer =
          config.rules().start(longs(each.get("prompt")), ends, each.get("limit").asInt());
      each.get("answer").forEach(token -> answer.add(token.asInt()));
      float[] made = answer.apply(floats(each.get("logits")));
      if (config.sampling().isPresent()) {
        made = config.sampling().get().filter(made);
      }
      assertSame(made, each.get("made"), each.get("config").toString());
      cases++;
    }
    assertThat(cases).isGreaterThan(500);
  }

  @Test
  void whatIsNotApplied_isNoted_andNonsenseIsRefused() throws IOException {
    PackageCopy.of(PACKAGE, folder);
    assertThat(config(JSON.readTree("{\"num_beams\": 4, \"guidance_scale\": 1.0}")).notes())
        .containsExactly("generation_config.json has num_beams 4, which is not applied");
    assertThatThrownBy(() -> config(JSON.readTree("{\"repetition_penalty\": -1}")))
        .hasMessageContaining(
            "generation_config.json cannot be used: repetition_penalty must be above 0 but was -1.0");
    assertThatThrownBy(() -> config(JSON.readTree("{\"no_repeat_ngram_size\": \"two\"}")))
        .hasMessageContaining("no_repeat_ngram_size must be a whole number but is \"two\"");
    assertThatThrownBy(() -> config(JSON.readTree("{\"suppress_tokens\": [-1]}")))
        .hasMessageContaining("suppress_tokens must have token ids of 0 or more but has -1");
  }

  private GenerationConfig config(JsonNode json) throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), json.toString());
    return GenerationConfig.of(ModelPackage.read(folder));
  }

  private static void assertSame(float[] made, JsonNode expected, String what) {
    assertThat(made).hasSize(expected.size());
    for (int i = 0; i < made.length; i++) {
      if (expected.get(i).isNull()) {
        assertThat(made[i]).as("%s, token %d", what, i).isEqualTo(Float.NEGATIVE_INFINITY);
      } else {
        float wanted = (float) expected.get(i).asDouble();
        assertThat(Math.abs(made[i] - wanted))
            .as("%s, token %d: %s instead of %s", what, i, made[i], wanted)
            .isLessThan(1e-4f * (1 + Math.abs(wanted)));
      }
    }
  }

  private static long[] longs(JsonNode list) {
    long[] values = new long[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asLong();
    }
    return values;
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }
}
