package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of docs/answer.md lists exactly the fields that the command line and logs write. */
class AnswerDocumentTest {

  private static final String MODEL = "../llm-decoder/src/test/resources/packages/tiled";
  private static final String CLIP = "../samples/clips/shape-moves.mp4";

  @TempDir private Path folder;

  @Test
  void askJson_hasTheListedFields() throws IOException {
    String out =
        CommandLine.run(
            "ask",
            CLIP,
            "What moves?",
            "--model",
            MODEL,
            "--max-tokens",
            "1",
            "--json",
            "--plan",
            "encoder:random(keep=0.5)");
    Set<String> fields = fields(new ObjectMapper().readTree(out));
    assertThat(fields).isEqualTo(listed("CLI"));
  }

  @Test
  void linesOfALog_haveTheListedFields() throws IOException {
    CommandLine.run("draw", "shapes", "--scenes", "1", "--out", folder.toString());
    CommandLine.run(
        "eval",
        folder.resolve("shapes").toString(),
        "--model",
        MODEL,
        "--limit",
        "1",
        "--plan",
        "patches:random(keep=0.5)",
        "--no-baselines",
        "--out",
        folder.resolve("out").toString());
    List<String> lines = Files.readAllLines(folder.resolve("out/answers.jsonl"));
    assertThat(fields(new ObjectMapper().readTree(lines.get(0)))).isEqualTo(listed("log"));
    Set<String> patches = listed("log");
    patches.addAll(listed("log of plans at `patches` or `encoderK`"));
    assertThat(fields(new ObjectMapper().readTree(lines.get(1)))).isEqualTo(patches);
  }

  /** Returns the documented fields of one interface, including deprecated ones. */
  private static Set<String> listed(String place) throws IOException {
    Set<String> listed = new TreeSet<>();
    for (String row : Files.readAllLines(Path.of("../docs/answer.md"))) {
      List<String> cells = List.of(row.split("\\|"));
      if (cells.size() > 3
          && List.of(cells.get(cells.size() - 1).strip().split(", ")).contains(place)) {
        Pattern.compile("`([^`]+)`")
            .matcher(cells.get(1))
            .results()
            .map(MatchResult::group)
            .forEach(name -> listed.add(name.replace("`", "")));
      }
    }
    return listed;
  }

  /** Returns the paths of all values; a path ends at an object that is documented as a whole. */
  private static Set<String> fields(JsonNode node) {
    Set<String> fields = new TreeSet<>();
    collect("", node, fields);
    return fields;
  }

  private static void collect(String path, JsonNode node, Set<String> fields) {
    boolean whole = Set.of("ms", "objects", "map").contains(path);
    if (node.isObject() && !whole) {
      node.properties()
          .forEach(
              field ->
                  collect(
                      path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                      field.getValue(),
                      fields));
    } else if (node.isArray() && !node.isEmpty() && node.get(0).isObject()) {
      node.forEach(element -> collect(path + "[]", element, fields));
    } else {
      fields.add(path);
    }
  }
}
