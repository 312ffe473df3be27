package dev.squint.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** What editors and docs/spring-boot.md say of the settings. */
@DisabledIfSystemProperty(
    named = "quick",
    matches = "true",
    disabledReason = "-Pquick compiles without the annotation processor that writes the metadata")
class MetadataTest {

  @Test
  void everySettingIsDescribed_andInTheTableOfTheManual() throws IOException {
    // By its path: Spring Boot's own jars hold files of that name too.
    JsonNode metadata =
        new ObjectMapper()
            .readTree(
                Path.of("target/classes/META-INF/spring-configuration-metadata.json").toFile());
    TreeSet<String> names = new TreeSet<>();
    String manual = Files.readString(Path.of("../../docs/spring-boot.md"));
    for (JsonNode property : metadata.path("properties")) {
      String name = property.path("name").asText();
      names.add(name);
      assertThat(property.path("description").asText()).as(name).isNotEmpty().doesNotContain("{@");
      assertThat(manual).contains("| `%s` |".formatted(name));
    }
    assertThat(names)
        .containsExactly(
            "squint.cuts",
            "squint.device",
            "squint.family",
            "squint.hub",
            "squint.model",
            "squint.native-size-cap",
            "squint.onnx.arena",
            "squint.onnx.prepacking",
            "squint.onnx.spin-micros",
            "squint.onnx.threads",
            "squint.plans",
            "squint.special-tokens-in-text",
            "squint.variant",
            "squint.work.batch",
            "squint.work.batch-inexact",
            "squint.work.encoder-cache",
            "squint.work.encodings",
            "squint.work.picture-cache",
            "squint.work.prefix-cache");
  }
}
