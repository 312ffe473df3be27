package dev.squint.webapp.ask;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.RunningServer.Form;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Questions about parts of pictures. The default model has 12 x 12 tokens a tile. */
class RegionsTest {

  private static final String COLOR = "What color is the shape?";

  private final RunningServer server = RunningServer.trained();

  private JsonNode ask(String picture, String regions, String... fields) {
    List<String> all = new ArrayList<>(List.of("regions", regions, "map", "true"));
    all.addAll(List.of(fields));
    return json(server.ask(picture, COLOR, all.toArray(String[]::new)));
  }

  /** The tokens of a tile that were kept, as row * 12 + column. */
  private static List<Integer> kept(JsonNode answer, int picture, int tile) {
    JsonNode mapped = answer.path("map").path("pictures").path(picture).path("tiles").path(tile);
    int first = mapped.path("first").asInt();
    List<Integer> kept = new ArrayList<>();
    JsonNode into = mapped.path("into");
    for (int i = 0; i < into.size(); i++) {
      if (into.path(i).asInt() == first + i) {
        kept.add(i);
      }
    }
    return kept;
  }

  @Test
  void box_keepsTheTokensWhoseMiddleIsInside() {
    JsonNode answer = ask("shapes.png", "[{\"picture\":0,\"box\":[0.0,0.25,0.25,0.5]}]");
    assertThat(kept(answer, 0, 0)).containsExactly(36, 37, 38, 48, 49, 50, 60, 61, 62);
    assertThat(answer.path("text").asString()).as("the diamond stands there").isEqualTo("teal");
    assertThat(answer.path("plan").asString()).isEqualTo("none");
    assertThat(answer.path("stages").path(0).path("after").asInt()).isEqualTo(9);
  }

  @Test
  void drop_leavesTheTokensOfTheRegionOut() {
    JsonNode answer =
        ask(
            "shapes.png",
            "[{\"picture\":0,\"box\":[0,0,1,0.5],\"drop\":true},{\"picture\":0,\"box\":[0,0.5,1,0.9],\"drop\":true}]");
    // Rows 0 to 10: the middle of row 10 is at 0.875, that of row 11 at 0.958.
    assertThat(kept(answer, 0, 0))
        .containsExactly(132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143);
  }

  @Test
  void polygon_isAnAngleWithoutItsMiddle() {
    JsonNode answer =
        ask(
            "shapes.png",
            "[{\"picture\":0,\"polygon\":[[0,0],[0.25,0],[0.25,0.08],[0.08,0.08],[0.08,0.25],[0,0.25]]}]");
    assertThat(kept(answer, 0, 0)).containsExactly(0, 1, 2, 12, 24);
  }

  @Test
  void regionSmallerThanAToken_hasThatToken() {
    JsonNode answer = ask("shapes.png", "[{\"picture\":0,\"box\":[0.1,0.1,0.101,0.101]}]");
    assertThat(kept(answer, 0, 0)).containsExactly(13);
  }

  @Test
  void planActsOnWhatIsLeft() {
    JsonNode answer =
        ask(
            "shapes.png",
            "[{\"picture\":0,\"box\":[0,0,0.5,1]}]",
            "plan",
            "encoder:uniform-grid(keep=0.5) + layer2:fastv(keep=0.5)");
    assertThat(answer.path("plan").asString())
        .isEqualTo("encoder:uniform-grid(keep=0.5) + layer2:fastv(keep=0.5)");
    assertThat(answer.path("stages").path(0).path("after").asInt()).isEqualTo(36);
    assertThat(answer.path("stages").path(1).path("after").asInt()).isEqualTo(18);
    assertThat(kept(answer, 0, 0)).allMatch(token -> token % 12 < 6);
  }

  @Test
  void picturesThatAreCut_keepTheRegionInCropsAndGlobalView() {
    JsonNode answer = ask("shapes-large.png", "[{\"picture\":0,\"box\":[0,0,0.25,0.25]}]");
    JsonNode tiles = answer.path("map").path("pictures").path(0).path("tiles");
    for (int i = 0; i < tiles.size(); i++) {
      JsonNode crop = tiles.path(i).path("crop");
      boolean upperLeft = crop.path("row").asInt(-1) == 0 && crop.path("col").asInt(-1) == 0;
      int expected = crop.isMissingNode() || crop.isNull() ? 9 : upperLeft ? 36 : 0;
      assertThat(kept(answer, 0, i)).as("tile %d", i).hasSize(expected);
    }
  }

  @Test
  void otherPictures_keepAllTokens() {
    Form form =
        new Form()
            .file("files", "shapes.png", RunningServer.picture("shapes.png"))
            .file("files", "text.png", RunningServer.picture("text.png"))
            .field("question", "What does the text say?")
            .field("map", "true")
            .field("regions", "[{\"picture\":0,\"box\":[0,0,0.25,0.25]}]");
    JsonNode answer = json(server.post("/api/ask", form));
    assertThat(kept(answer, 0, 0)).hasSize(9);
    assertThat(kept(answer, 1, 0)).hasSize(144);
  }

  @Test
  void chat_takesTheSameRegions() {
    HttpResponse<String> response =
        server.chat(
            """
            {"messages":[{"role":"user","content":[
               {"type":"image_url","image_url":{"url":"%s"}},{"type":"text","text":"%s"}]}],
             "visual_pruning":{"regions":[{"picture":0,"box":[0.0,0.25,0.25,0.5]}]}}
            """
                .formatted(RunningServer.dataUrl("shapes.png"), COLOR));
    JsonNode answer = json(response);
    assertThat(answer.path("choices").path(0).path("message").path("content").asString())
        .isEqualTo("teal");
    assertThat(answer.path("squint").path("visual_tokens").path("kept").asInt()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [{"picture":1,"box":[0,0,1,1]}]                       | on picture 1, but the conversation has 1 pictures
          [{"box":[0,0,1,1]}]                                   | needs the number of its 'picture' or 'clip'
          [{"picture":0}]                                       | either a 'box' or a 'polygon'
          [{"picture":0,"box":[0,0,1,1],"polygon":[]}]          | either a 'box' or a 'polygon'
          [{"picture":0,"box":[0,0,1]}]                         | 'box' is [left, top, right, bottom]
          [{"picture":0,"box":[0,0,1,1.5]}]                     | 'box' is [left, top, right, bottom]
          [{"picture":0,"box":[0.5,0,0.5,1]}]                   | left < right
          [{"picture":0,"polygon":[[0,0],[1,1]]}]               | 3 to 200 corners
          [{"picture":0,"polygon":[[0,0],[1,1],[0]]}]           | 3 to 200 corners
          [{"picture":0,"box":[0,0,1,1],"drop":true}]           | leave none of the 144 visual tokens
          {"picture":0}                                         | regions must be a JSON array
          """)
  void wrongRegion_isRefused(String regions, String message) {
    HttpResponse<String> response = server.ask("shapes.png", COLOR, "regions", regions);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).path("detail").asString()).contains(message);
  }

  private JsonNode askClip(String regions, String... fields) {
    Form form =
        new Form()
            .file("files", "text.png", RunningServer.picture("text.png"))
            .file("clips", "clip.mp4", RunningServer.clip("shape-moves.mp4"))
            .field("question", "Which way does the circle move?")
            .field("frames", "4")
            .field("map", "true")
            .field("regions", regions);
    for (int i = 0; i < fields.length; i += 2) {
      form.field(fields[i], fields[i + 1]);
    }
    return json(server.post("/api/ask", form));
  }

  @Test
  void clip_keepsTheRegionInEachFrame_besideItsPicture() {
    JsonNode answer = askClip("[{\"clip\":0,\"box\":[0,0.25,0.25,0.5]}]");
    assertThat(kept(answer, 0, 0)).as("the picture").hasSize(144);
    for (int frame = 1; frame <= 4; frame++) {
      assertThat(kept(answer, frame, 0)).containsExactly(36, 37, 38, 48, 49, 50, 60, 61, 62);
    }
  }

  @Test
  void clip_hasRegionsOfATime() {
    JsonNode all = askClip("[]");
    double second = all.path("map").path("pictures").path(2).path("seconds").asDouble();
    JsonNode answer =
        askClip(
            "[{\"clip\":0,\"box\":[0,0,1,0.5],\"drop\":true,\"from\":%1$s,\"to\":%1$s},{\"picture\":0,\"box\":[0,0,0.25,0.25]}]"
                .formatted(second));
    assertThat(kept(answer, 0, 0)).hasSize(9);
    assertThat(kept(answer, 1, 0)).hasSize(144);
    assertThat(kept(answer, 2, 0)).hasSize(72).allMatch(token -> token >= 72);
    assertThat(kept(answer, 3, 0)).hasSize(144);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [{"clip":1,"box":[0,0,1,1]}]                      | none            | on clip 1, but the conversation has 1 clips
          [{"picture":1,"box":[0,0,1,1]}]                   | none            | on picture 1, but the conversation has 1 pictures
          [{"picture":0,"clip":0,"box":[0,0,1,1]}]          | none            | on a 'picture', or on a 'clip'
          [{"picture":0,"from":1,"box":[0,0,1,1]}]          | none            | on a 'picture', or on a 'clip'
          [{"clip":0,"from":2,"to":1,"box":[0,0,1,1]}]      | none            | 0 <= from <= to, but were 2.0 and 1.0
          [{"clip":0,"box":[0,0,1,1]}]                      | frames:even(keep=0.5)    | need a plan that drops no frames
          """)
  void wrongRegionOfAClip_isRefused(String regions, String plan, String message) {
    assertThat(askClip(regions, "plan", plan).path("detail").asString()).contains(message);
  }

  @Test
  void system_standsBeforeTheConversation() {
    JsonNode without = json(server.ask("shapes.png", COLOR));
    JsonNode with = json(server.ask("shapes.png", COLOR, "system", "Answer in one word."));
    assertThat(with.path("prompt_tokens").asInt())
        .isGreaterThan(without.path("prompt_tokens").asInt() + 3);
  }
}
