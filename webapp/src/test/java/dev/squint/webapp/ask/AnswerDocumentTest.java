package dev.squint.webapp.ask;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The table of docs/answer.md lists what the server writes, neither more nor less. */
class AnswerDocumentTest {

  private final RunningServer server = RunningServer.trained();

  @Test
  void answers_haveTheListedFields() throws IOException {
    RunningServer.Form form =
        new RunningServer.Form()
            .file("files", "shape-moves.mp4", RunningServer.clip("shape-moves.mp4"))
            .field("question", "Which way does the shape move?")
            .field("plan", "encoder:divprune(keep=0.5)");
    JsonNode answer = json(server.post("/api/ask", form));
    Set<String> expected = listed("REST");
    assertThat(expected.remove("map")).as("only where it was asked for").isTrue();
    assertThat(fields(answer)).isEqualTo(expected);
  }

  @Test
  void chatCompletions_haveTheListedFields() throws IOException {
    String body =
        """
        {"messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"%s"}},
          {"type":"text","text":"Which way does the shape move?"}]}],
         "visual_pruning":{"plan":"encoder:divprune(keep=0.5)"}}
        """
            .formatted(RunningServer.clipUrl("shape-moves.mp4"));
    Set<String> expected = listed("chat");
    assertThat(expected.remove("map")).as("only where it was asked for").isTrue();
    assertThat(fields(json(server.chat(body)).path("squint"))).isEqualTo(expected);
  }

  /** The fields of one place, the deprecated ones too. */
  private static Set<String> listed(String place) throws IOException {
    Set<String> listed = new TreeSet<>();
    for (String row : Files.readAllLines(Path.of("../docs/answer.md"))) {
      List<String> cells = List.of(row.split("\\|"));
      String places = cells.get(cells.size() - 1).strip();
      if (cells.size() > 3 && List.of(places.split(", ")).contains(place)) {
        Pattern.compile("`([^`]+)`")
            .matcher(cells.get(1))
            .results()
            .forEach(name -> listed.add(name.group(1)));
      }
    }
    return listed;
  }

  private static Set<String> fields(JsonNode node) {
    Set<String> fields = new TreeSet<>();
    collect("", node, fields);
    return fields;
  }

  private static void collect(String path, JsonNode node, Set<String> fields) {
    if (node.isObject()) {
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
