package dev.squint.webapp.ask;

import static dev.squint.webapp.RunningServer.clip;
import static dev.squint.webapp.RunningServer.json;
import static dev.squint.webapp.RunningServer.picture;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.RunningServer.Form;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Clips in the native form. */
class ClipTest {

  private static final String QUESTION = "Which way does the circle move?";

  private final RunningServer server = RunningServer.trained();

  private static Form form(String... fields) {
    Form form = new Form().field("question", QUESTION).field("map", "true");
    for (int i = 0; i < fields.length; i += 2) {
      form.field(fields[i], fields[i + 1]);
    }
    return form;
  }

  private JsonNode answer(Form form) {
    HttpResponse<String> response = server.post("/api/ask", form);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  private static List<Double> seconds(JsonNode times) {
    return times.valueStream().map(JsonNode::asDouble).toList();
  }

  @Test
  void clip_isKnownByItsContent_andMappedFrameByFrame() {
    JsonNode answer = answer(form().file("files", "photo.png", clip("shape-moves.mp4")));
    assertThat(answer.path("text").asString()).isEqualTo("right");
    assertThat(answer.path("visual_tokens").path("total").asInt()).isEqualTo(4 * 144);
    assertThat(answer.path("timings_ms").path("read").asDouble()).isPositive();
    JsonNode clip = answer.path("clips").path(0);
    assertThat(clip.path("seconds").asDouble()).isEqualTo(4);
    assertThat(seconds(clip.path("frames"))).containsExactly(0.0, 1.25, 2.5, 3.875);
    assertThat(clip.path("kept_frames")).isEqualTo(clip.path("frames"));
    assertThat(clip.path("looked_at")).as("an older name").isEqualTo(clip.path("kept_frames"));
    JsonNode frames = answer.path("map").path("pictures");
    assertThat(frames.size()).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      assertThat(frames.path(i).path("clip").asInt()).isZero();
      assertThat(frames.path(i).path("seconds")).isEqualTo(clip.path("frames").path(i));
      JsonNode tile = frames.path(i).path("tiles").path(0);
      assertThat(tile.path("first").asInt()).isEqualTo(144 * i);
      assertThat(tile.path("into").size()).isEqualTo(144);
      assertThat(tile.path("region").toString()).isEqualTo("[0.0,0.0,96.0,96.0]");
    }
  }

  @Test
  void framesThatAPlanLeavesOut_haveNoTiles() {
    JsonNode answer =
        answer(
            form("plan", "frames:even(frames=2) + encoder:uniform-grid(keep=0.25)")
                .file("files", "clip.mp4", clip("shape-moves.mp4")));
    assertThat(answer.path("visual_tokens").toString())
        .isEqualTo("{\"total\":576,\"encoded\":288,\"kept\":72}");
    assertThat(answer.path("stages").toString())
        .isEqualTo(
            "[{\"point\":\"frames\",\"before\":576,\"after\":288},{\"point\":\"encoder\",\"before\":288,\"after\":72}]");
    assertThat(seconds(answer.path("clips").path(0).path("kept_frames")))
        .containsExactly(0.0, 3.875);
    JsonNode frames = answer.path("map").path("pictures");
    assertThat(frames.valueStream().map(frame -> frame.path("tiles").size()))
        .containsExactly(1, 0, 0, 1);
    JsonNode last = frames.path(3).path("tiles").path(0);
    assertThat(last.path("first").asInt()).isEqualTo(144);
    int kept = 0;
    for (JsonNode frame : frames) {
      for (JsonNode tile : frame.path("tiles")) {
        for (int i = 0; i < tile.path("into").size(); i++) {
          kept += tile.path("into").path(i).asInt() == tile.path("first").asInt() + i ? 1 : 0;
        }
      }
    }
    assertThat(kept).isEqualTo(72);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          frames=2            | [0.0, 3.875]
          fps=0.5             | [0.0, 3.875]
          frames=3,from=1,to=2 | [1.0, 1.5, 2.0]
          from=3.5            | [3.5, 3.625, 3.75, 3.875]
          """)
  void sampling_isThatOfTheForm(String fields, String times) {
    Form form = form().file("files", "clip.mp4", clip("shape-moves.mp4"));
    for (String field : fields.strip().split(",", -1)) {
      form.field(field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
    }
    assertThat(seconds(answer(form).path("clips").path(0).path("frames")).toString())
        .isEqualTo(times);
  }

  @Test
  void picturesAndSeveralClips_standInTheOrderOfTheForm() {
    JsonNode answer =
        answer(
            form("frames", "3", "plan", "frames:key-frames(keep=0.67)")
                .file("files", "a.mp4", clip("shape-moves.mp4"))
                .file("files", "b.png", picture("shapes.png"))
                .file("files", "c.webm", clip("vp9.webm")));
    JsonNode pictures = answer.path("map").path("pictures");
    assertThat(pictures.valueStream().map(picture -> picture.path("clip").asInt(-1)))
        .containsExactly(0, 0, 0, -1, 1, 1, 1);
    assertThat(pictures.path(3).path("seconds").isMissingNode()).isTrue();
    assertThat(answer.path("clips").size()).isEqualTo(2);
    int first = 0;
    for (JsonNode picture : pictures) {
      int clip = picture.path("clip").asInt(-1);
      boolean lookedAt =
          clip < 0
              || seconds(answer.path("clips").path(clip).path("kept_frames"))
                  .contains(picture.path("seconds").asDouble());
      assertThat(picture.path("tiles").size() > 0).isEqualTo(lookedAt);
      for (JsonNode tile : picture.path("tiles")) {
        assertThat(tile.path("first").asInt()).isEqualTo(first);
        first += tile.path("into").size();
      }
    }
    assertThat(first).isLessThan(answer.path("visual_tokens").path("total").asInt());
  }

  @ParameterizedTest
  @CsvSource({"animation.gif", "animation.png", "animation.webp"})
  void animation_isAClipOnlyIfItIsSentAsOne(String name) {
    JsonNode answer = answer(form("frames", "4").file("clips", name, clip(name)));
    assertThat(answer.path("clips").path(0).path("frames").size()).isEqualTo(4);
    HttpResponse<String> asPicture =
        server.post("/api/ask", form().file("files", name, clip(name)));
    assertThat(asPicture.statusCode()).isEqualTo(415);
    assertThat(json(asPicture).path("detail").asString()).contains("several frames");
  }

  @Test
  void followUp_looksAtTheClipAgain() {
    JsonNode answer =
        answer(
            form(
                    "history",
                    "[{\"role\":\"user\",\"text\":\"What color is the circle?\"},{\"role\":\"assistant\",\"text\":\"red\"}]")
                .file("files", "clip.mp4", clip("shape-moves.mp4")));
    assertThat(answer.path("visual_tokens").path("total").asInt()).isEqualTo(4 * 144);
    assertThat(answer.path("clips").size()).isEqualTo(1);
  }

  @Test
  void clipThatIsKnown_isSeenAsBefore_unlessOtherFramesAreWanted() {
    Form whole = form("frames", "6").file("files", "a.mp4", clip("av1.mp4"));
    JsonNode first = answer(whole);
    JsonNode again = answer(form("frames", "6").file("files", "b.mp4", clip("av1.mp4")));
    assertThat(again.path("map")).isEqualTo(first.path("map"));
    assertThat(again.path("clips")).isEqualTo(first.path("clips"));
    JsonNode other = answer(form("frames", "6", "to", "2").file("files", "a.mp4", clip("av1.mp4")));
    assertThat(other.path("clips")).isNotEqualTo(first.path("clips"));
  }

  @ParameterizedTest
  @CsvSource({
    "frames, 0",
    "frames, 5000",
    "frames, two",
    "fps, 0",
    "fps, NaN",
    "from, -1",
    "to, 0",
    "from, 9"
  })
  void samplingThatMakesNoSense_isRefused(String field, String value) {
    HttpResponse<String> response =
        server.post("/api/ask", form(field, value).file("files", "a.mp4", clip("shape-moves.mp4")));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(json(response).path("code").asString()).isEqualTo("invalid_value");
  }
}
