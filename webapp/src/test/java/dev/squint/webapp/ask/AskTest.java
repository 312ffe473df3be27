package dev.squint.webapp.ask;

import static dev.squint.webapp.RunningServer.json;
import static dev.squint.webapp.RunningServer.picture;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.webapp.RunningServer;
import dev.squint.webapp.RunningServer.Form;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class AskTest {

  private final RunningServer server = RunningServer.shared();

  @Test
  void question_isAnsweredWithFigures() {
    HttpResponse<String> response =
        server.ask("shapes-large.png", "What is this?", "max_tokens", "4", "map", "true");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode answer = json(response);
    assertThat(answer.path("text").isString()).isTrue();
    assertThat(answer.path("completion_tokens").asInt()).isBetween(1, 4);
    assertThat(answer.path("plan").asString()).isEqualTo("none");
    assertThat(answer.path("timings_ms").path("total").asDouble()).isPositive();
    assertThat(answer.path("kv_bytes").asLong()).isPositive();
    int total = answer.path("visual_tokens").path("total").asInt();
    assertThat(answer.path("visual_tokens").path("kept").asInt()).isEqualTo(total);
    assertThat(mapped(answer)).hasSize(total).doesNotContain(-1);
  }

  @Test
  void background_isAColour() {
    HttpResponse<String> white =
        server.ask("shapes-large.png", "What?", "max_tokens", "1", "background", "white");
    assertThat(white.statusCode()).as(white.body()).isEqualTo(200);
    HttpResponse<String> wrong =
        server.ask("shapes-large.png", "What?", "max_tokens", "1", "background", "blanc");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("a background is white, black, grey or #rrggbb");
  }

  @Test
  void plan_keepsWhatItSays_andTheMapSaysWhich() {
    JsonNode answer =
        json(
            server.ask(
                "shapes-large.png",
                "What is this?",
                "max_tokens",
                "1",
                "plan",
                "encoder:uniform-grid(keep=0.25)",
                "map",
                "true"));
    int total = answer.path("visual_tokens").path("total").asInt();
    int kept = answer.path("visual_tokens").path("kept").asInt();
    assertThat(kept).isEqualTo((int) Math.rint(0.25 * total));
    assertThat(answer.path("stages").path(0).path("after").asInt()).isEqualTo(kept);
    List<Integer> into = mapped(answer);
    assertThat(into).hasSize(total);
    long own = 0;
    for (int i = 0; i < into.size(); i++) {
      own += into.get(i) == i ? 1 : 0;
    }
    assertThat(own).isEqualTo(kept);
    JsonNode tiles = answer.path("map").path("pictures").path(0).path("tiles");
    assertThat(tiles.size()).isGreaterThan(1);
    assertThat(tiles.path(0).path("crop").path("grid_cols").asInt()).isPositive();
  }

  @Test
  void map_saysWhereATokenLeftAndByWhichScore() {
    JsonNode answer =
        json(
            server.ask(
                "shapes.png",
                "What is this?",
                "max_tokens",
                "1",
                "plan",
                "encoder:text-guided(keep=0.5) + encoder:uniform-grid(keep=0.5) + layer2:fastv(keep=0.5)",
                "map",
                "true"));
    int total = answer.path("visual_tokens").path("total").asInt();
    JsonNode stages = answer.path("stages");
    assertThat(stages.valueStream().map(stage -> stage.path("point").asString()))
        .containsExactly("encoder", "layer2");
    assertThat(stages.path(1).path("before").asInt())
        .isEqualTo(stages.path(0).path("after").asInt());
    assertThat(stages.path(1).path("after").asInt()).isEqualTo((int) Math.rint(total / 8.0));

    int kept = 0;
    int scoredAtTheEncoder = 0;
    int scoredInTheDecoder = 0;
    for (JsonNode tile : answer.path("map").path("pictures").path(0).path("tiles")) {
      assertThat(tile.path("into")).isEqualTo(tile.path("stages").path(1).path("into"));
      for (int i = 0; i < tile.path("into").size(); i++) {
        kept += tile.path("into").path(i).asInt() == tile.path("first").asInt() + i ? 1 : 0;
        scoredAtTheEncoder += tile.path("stages").path(0).path("scores").path(i).isNumber() ? 1 : 0;
        scoredInTheDecoder += tile.path("stages").path(1).path("scores").path(i).isNumber() ? 1 : 0;
      }
    }
    assertThat(kept).isEqualTo(stages.path(1).path("after").asInt());
    assertThat(scoredAtTheEncoder).isEqualTo(total);
    assertThat(scoredInTheDecoder).isEqualTo(stages.path(1).path("before").asInt());
  }

  @Test
  void map_leavesScoresOutWhereTheMethodHasNone() {
    JsonNode answer =
        json(
            server.ask("shapes.png", "What?", "plan", "encoder:divprune(keep=0.5)", "map", "true"));
    JsonNode stage =
        answer.path("map").path("pictures").path(0).path("tiles").path(0).path("stages").path(0);
    assertThat(stage.path("into").size()).isPositive();
    assertThat(stage.path("scores").isMissingNode()).isTrue();
  }

  private static List<Integer> mapped(JsonNode answer) {
    return answer
        .path("map")
        .path("pictures")
        .valueStream()
        .flatMap(picture -> picture.path("tiles").valueStream())
        .flatMap(tile -> tile.path("into").valueStream())
        .map(JsonNode::asInt)
        .toList();
  }

  @Test
  void streamed_theTextsAreTheAnswer() {
    HttpResponse<String> response =
        server.post(
            "/api/ask",
            new Form()
                .file("files", "a.png", picture("shapes.png"))
                .field("question", "What is this?")
                .field("max_tokens", "6"),
            "Accept",
            "text/event-stream");
    assertThat(response.headers().firstValue("content-type").orElseThrow())
        .startsWith("text/event-stream");
    StringBuilder text = new StringBuilder();
    List<JsonNode> answers = new ArrayList<>();
    for (String event : response.body().split("\n\n", -1)) {
      if (event.startsWith("event: text\ndata: ")) {
        text.append(RunningServer.JSON.readTree(event.substring(18)).path("text").asString());
      } else if (event.startsWith("event: answer\ndata: ")) {
        answers.add(RunningServer.JSON.readTree(event.substring(20)));
      }
    }
    assertThat(answers).as(response.body()).hasSize(1);
    assertThat(text.toString()).isEqualTo(answers.get(0).path("text").asString());
  }

  @Test
  void followUp_isAnsweredWithThePicturesAndWhatWasSaid() {
    int first =
        json(server.ask("shapes.png", "What?", "max_tokens", "1")).path("prompt_tokens").asInt();
    JsonNode second =
        json(
            server.ask(
                "shapes.png",
                "And now?",
                "max_tokens",
                "1",
                "history",
                "[{\"role\":\"user\",\"text\":\"What?\"},{\"role\":\"assistant\",\"text\":\"red\"}]"));
    assertThat(second.path("prompt_tokens").asInt()).isGreaterThan(first);
    assertThat(second.path("visual_tokens").path("total").asInt()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          plan        | nonsense                        | invalid_plan
          plan        | encoder:nothing(keep=0.5)       | invalid_plan
          plan        | encoder:divprune(keep=2)        | invalid_plan
          plan        | cache:random(keep=0.5)          | invalid_plan
          max_tokens  | 0                               | invalid_value
          max_tokens  | 1.5                             | invalid_value
          model       | gpt-4o                          | model_not_found
          max_tokens  | many                            | invalid_value
          temperature | -1                              | invalid_value
          temperature | NaN                             | invalid_value
          top_p       | 0                               | invalid_value
          history     | {}                              | invalid_value
          history     | [{"role":"assistant","text":""}] | invalid_value
          history     | null                            | invalid_value
          history     | [null]                          | invalid_value
          map         | yes                             | invalid_value
          seed        | often                           | invalid_value
          max_token   | 5                               | unknown_field
          stream      | true                            | unknown_field
          """)
  void fieldThatMakesNoSense_isRefusedByName(String field, String value, String code) {
    HttpResponse<String> response = server.ask("shapes.png", "What?", field, value);
    assertThat(response.statusCode())
        .as(response.body())
        .isEqualTo(code.equals("model_not_found") ? 404 : 400);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(json(response).path("code").asString()).isEqualTo(code);
    assertThat(json(response).path("param").asString()).startsWith(field);
  }

  @Test
  void unknownField_isToldWhichThereAre() {
    JsonNode problem = json(server.ask("shapes.png", "What?", "max_token", "5"));
    assertThat(problem.path("detail").asString())
        .contains("'max_token'", "max_tokens", "seed", "history", "files");
  }

  @Test
  void emptyFile_isRefusedByItsField() {
    for (String field : List.of("files", "clips")) {
      for (boolean alone : List.of(true, false)) {
        Form form = new Form().field("question", "What?").field("max_tokens", "1");
        if (!alone) {
          form.file(field, "a.png", picture("shapes.png"));
        }
        HttpResponse<String> response =
            server.post("/api/ask", form.file(field, "nothing.png", new byte[0]));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode problem = json(response);
        assertThat(problem.path("code").asString()).isEqualTo("empty_file");
        assertThat(problem.path("param").asString())
            .isEqualTo("%s[%d]".formatted(field, alone ? 0 : 1));
        assertThat(problem.path("detail").asString()).contains("nothing.png");
      }
    }
  }

  @Test
  void sameSeed_givesTheSameAnswer() {
    assertThat(drawn("7")).isEqualTo(drawn("7"));
    assertThat(List.of(drawn("8"), drawn("9"), drawn("10")))
        .as("another seed draws other tokens")
        .anySatisfy(text -> assertThat(text).isNotEqualTo(drawn("7")));
  }

  private String drawn(String seed) {
    HttpResponse<String> response =
        server.ask("shapes.png", "What?", "max_tokens", "12", "temperature", "1.5", "seed", seed);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response).path("text").asString();
  }

  @Test
  void badFile_isNamedByItsField_notByItsName() {
    byte[] whole = picture("shapes-large.png");
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);
    byte[] nothing = "no picture".getBytes(StandardCharsets.UTF_8);
    for (byte[] content : List.of(cut, nothing)) {
      HttpResponse<String> response =
          server.post(
              "/api/ask",
              new Form().file("files", "secret.png", content).field("question", "What?"));
      assertThat(response.statusCode()).as(response.body()).isBetween(400, 415);
      assertThat(json(response).path("param").asString()).isEqualTo("files[0]");
      assertThat(json(response).path("detail").asString()).contains("secret.png");
    }
    HttpResponse<String> clip =
        server.post(
            "/api/ask", new Form().file("clips", "secret.mp4", nothing).field("question", "What?"));
    assertThat(json(clip).path("param").asString()).isEqualTo("clips[0]");
  }

  @Test
  void noQuestion_isRefused() {
    HttpResponse<String> response =
        server.post("/api/ask", new Form().file("files", "a.png", picture("shapes.png")));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).path("param").asString()).isEqualTo("question");
  }

  @Test
  void headThatEndsInAQuote_isRefused() {
    HttpResponse<String> response =
        server.send(
            server
                .request("/api/ask", "Content-Type", "multipart/form-data; boundary=b")
                .POST(
                    BodyPublishers.ofString(
                        "--b\r\nContent-Disposition: form-data; name=\"\r\n\r\n1\r\n--b--\r\n")));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(json(response).path("detail").asString()).startsWith("the form cannot be read");
  }

  @Test
  void longField_isRefusedByItsLimit() {
    HttpResponse<String> response =
        server.post("/api/ask", new Form().field("question", "a".repeat(500_000)));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
    assertThat(json(response).path("code").asString()).isEqualTo("prompt_too_long");
  }

  @Test
  void manyEmptyParts_areRefused() {
    Form form = new Form().field("question", "What?");
    for (int i = 0; i < 2000; i++) {
      form.field("plan", "");
    }
    HttpResponse<String> response = server.post("/api/ask", form);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
    assertThat(json(response).path("code").asString()).isEqualTo("too_many_parts");
  }

  @Test
  void upload_isNotWrittenToTheTemporaryFolder() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (Stream<Path> before = Files.list(temporary)) {
      Set<Path> known = before.collect(Collectors.toSet());
      HttpResponse<String> response =
          server.post(
              "/api/ask",
              new Form().file("files", "large.png", new byte[2 << 20]).field("question", "What?"));
      assertThat(response.statusCode()).isEqualTo(415);
      try (Stream<Path> after = Files.list(temporary)) {
        assertThat(after.filter(file -> !known.contains(file)))
            .noneMatch(file -> file.getFileName().toString().contains("multipart"));
      }
    }
  }

  @Test
  void methods_saysWhichOnesWork() {
    JsonNode methods = json(server.get("/api/methods"));
    assertThat(methods.valueStream().map(method -> method.path("name").asString()))
        .containsExactlyElementsOf(
            MethodCatalogue.all().methods().stream().map(Method::name).toList());
    JsonNode none = methods.path(0);
    assertThat(none.path("points").toString()).isEqualTo("[\"encoder\",\"layerK\"]");
    assertThat(none.path("works_at").toString())
        .as("the model's decoder has four layers")
        .isEqualTo("[\"encoder\",\"layer1\",\"layer2\",\"layer3\"]");
    assertThat(methods.valueStream().filter(method -> method.path("works").asBoolean()))
        .isNotEmpty();
    assertThat(methods.valueStream().filter(method -> !method.path("works").asBoolean()))
        .allSatisfy(method -> assertThat(method.path("why").asString()).isNotEmpty());
  }

  @Test
  void models_namesTheModelAndNoPath() {
    HttpResponse<String> response = server.get("/api/models");
    assertThat(json(response).path(0).path("id").asString()).isEqualTo("tiled");
    assertThat(json(response).path(0).path("context").asInt()).isEqualTo(4096);
    assertThat(json(response).path(0).has("notice")).isFalse();
    JsonNode own = json(RunningServer.trained().get("/api/models")).path(0);
    assertThat(own.path("notice").asString()).contains("demonstration model");
    assertThat(response.body()).doesNotContain("resources");
  }
}
