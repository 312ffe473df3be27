package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.model.ModelPackage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The table of {@code docs/models.md} has every package of the test resources. With {@code
 * -Dmodels.write=true} it is written again from the last results of the conformance tests.
 */
class ModelsTableTest {

  private static final Path DOCUMENT = Path.of("../docs/models.md");
  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String BEGIN = "<!-- table -->\n";
  private static final String END = "<!-- end of table -->\n";
  private static final List<String> EXACT = List.of("prompt ids", "positions");

  @Test
  void everyPackageHasARow() throws IOException {
    if (Boolean.getBoolean("models.write")) {
      String text = Files.readString(DOCUMENT);
      String before = text.substring(0, text.indexOf(BEGIN) + BEGIN.length());
      Files.writeString(DOCUMENT, before + table() + text.substring(text.indexOf(END)));
    }
    String text = Files.readString(DOCUMENT);
    for (Path folder : folders()) {
      assertThat(text).contains("| %s | `".formatted(folder.getFileName()));
    }
  }

  private static List<Path> folders() throws IOException {
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("test/expected.json")))
          .sorted()
          .toList();
    }
  }

  private static String table() throws IOException {
    JsonNode packages = read("packages");
    JsonNode stages = read("stages");
    StringBuilder table =
        new StringBuilder(
            """
            | package | `model_type` | prompt ids | positions | pixels | features | logits | 16 tokens | chain = whole | attention |
            |---|---|---|---|---|---|---|---|---|---|
            """);
    for (Path folder : folders()) {
      String name = String.valueOf(folder.getFileName());
      table.append(
          Stream.of(
                  name,
                  "`" + ModelPackage.read(folder).modelType() + "`",
                  cell(packages, name, EXACT.get(0)),
                  cell(packages, name, EXACT.get(1)),
                  cell(packages, name, "pixels"),
                  cell(packages, name, "features"),
                  cell(packages, name, "logits"),
                  cell(packages, name, "tokens"),
                  stageCell(stages, folder, "chain"),
                  stageCell(stages, folder, "attention"))
              .collect(Collectors.joining(" | ", "| ", " |\n")));
    }
    return table.toString();
  }

  private static String stageCell(JsonNode worst, Path folder, String column) throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(Files.readString(folder.resolve("test/expected.json")));
    return expected.path("prunable_between_layers").asBoolean(true)
        ? cell(worst, String.valueOf(folder.getFileName()), column)
        : "refused";
  }

  private static JsonNode read(String name) throws IOException {
    return new ObjectMapper()
        .readTree(Files.readString(ConformanceLog.FOLDER.resolve(name + ".json")));
  }

  /** The largest difference; tests that fail leave none. */
  private static String cell(JsonNode worst, String folder, String column) {
    JsonNode value = worst.path(folder).path(column);
    if (value.isMissingNode()) {
      return "**not shown**";
    }
    return value.asDouble() == 0 ? "equal" : String.format(Locale.ROOT, "%.0e", value.asDouble());
  }
}
