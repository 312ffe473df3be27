package dev.squint.llm.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of templates and conversations against what Python's jinja2 made of them ({@code
 * samples/fixtures/template_oracle.py}).
 */
class TemplateOracleTest {

  private static final Path ORACLE = Path.of("src/test/resources/templates/oracle.json.gz");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What jinja2 renders and this package refuses by name: printing of a macro and the like. */
  private int unsupported;

  private int refused;
  private int pairs;

  @Test
  void rendersWhatJinja2Renders_andRefusesWhatItRefuses() throws IOException {
    JsonNode oracle;
    try (InputStream packed = new GZIPInputStream(Files.newInputStream(ORACLE))) {
      oracle = JSON.readTree(packed);
    }
    Map<String, Object> common = new HashMap<>();
    common.putAll(
        JSON.convertValue(oracle.get("tokens"), new TypeReference<Map<String, Object>>() {}));
    common.putAll(
        JSON.convertValue(oracle.get("extra"), new TypeReference<Map<String, Object>>() {}));
    common.put("tools", null);
    common.put("documents", null);
    common.put("add_generation_prompt", true);
    List<Object> conversations =
        JSON.convertValue(oracle.get("conversations"), new TypeReference<>() {});
    List<String> differences = new ArrayList<>();
    for (JsonNode entry : oracle.get("entries")) {
      for (JsonNode pair : entry.get("c")) {
        Map<String, Object> variables = new HashMap<>(common);
        variables.put("messages", conversations.get(pair.get(0).asInt()));
        compare(entry.get("t").asText(), variables, pair.get(1), differences);
      }
    }
    System.out.printf(
        "%d pairs, %d refused by both, %d refused as not supported, %d differences%n",
        pairs, refused, unsupported, differences.size());
    assertThat(differences).isEmpty();
    assertThat(pairs).isGreaterThan(5000);
    assertThat(unsupported).isLessThan(pairs / 50);
  }

  private void compare(
      String template, Map<String, Object> variables, JsonNode expected, List<String> differences) {
    pairs++;
    String made;
    try {
      made = Template.read(template).render(variables, Clock.systemUTC());
    } catch (IllegalArgumentException e) {
      boolean byName = String.valueOf(e.getMessage()).contains("not supported in chat templates");
      if (expected.isNull()) {
        refused++;
      } else if (byName) {
        unsupported++;
      } else {
        differences.add(template + "\n  expected: " + expected + "\n  refused: " + e.getMessage());
      }
      return;
    }
    if (expected.isNull() || !made.equals(expected.asText())) {
      differences.add(
          template + "\n  expected: " + expected + "\n  made:     " + JSON.valueToTree(made));
    }
  }
}
