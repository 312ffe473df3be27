package dev.squint.webapp.answering;

import static dev.squint.webapp.RunningServer.clip;
import static dev.squint.webapp.RunningServer.clipUrl;
import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.RunningServer.Form;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Clips beyond the limits of a narrow server: each has a code of its own, in both forms. */
class ClipLimitsTest {

  private static RunningServer server;

  @BeforeAll
  static void start() {
    server =
        RunningServer.start(
            "--squint.limits.clips.bytes=60KB",
            "--squint.limits.clips.length=3s",
            "--squint.limits.clips.pixels=200000",
            "--squint.limits.clips.file-frames=39",
            "--squint.limits.clips.frames=4",
            "--squint.limits.pictures=2");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> ask(String name, String... fields) {
    Form form = new Form().file("clips", name, clip(name)).field("question", "What?");
    for (int i = 0; i < fields.length; i += 2) {
      form.field(fields[i], fields[i + 1]);
    }
    return server.post("/api/ask", form);
  }

  private static String part(String name) {
    return "{\"type\":\"video_url\",\"video_url\":{\"url\":\"%s\"}}".formatted(clipUrl(name));
  }

  private static HttpResponse<String> chat(String parts) {
    return server.chat("{\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}".formatted(parts));
  }

  @ParameterizedTest
  @CsvSource({
    "mpeg4.avi, 413, clip_too_large, a clip may have 61440",
    "h264.mp4, 413, clip_frames_too_large, frames of 640 x 360 pixels; a frame may have 200000",
    "shape-moves.mp4, 413, clip_too_long, is 4 seconds long; a clip may have 3",
    "sound-only.m4a, 415, unsupported_clip, 'no pictures in it, only sound or text'"
  })
  void limit_hasACodeOfItsOwn(String name, int status, String code, String message) {
    HttpResponse<String> asked = ask(name);
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(status);
    assertThat(json(asked).path("code").asString()).isEqualTo(code);
    assertThat(json(asked).path("detail").asString()).contains(message).contains(name);

    HttpResponse<String> chatted = chat(part(name));
    assertThat(chatted.statusCode()).isEqualTo(status);
    JsonNode error = json(chatted).path("error");
    assertThat(error.path("code").asString()).isEqualTo(code);
    assertThat(error.path("message").asString()).contains(message);
    assertThat(error.path("param").asString()).isEqualTo("messages[0].content[0]");
  }

  @Test
  void framesOfTheFile_areCountedByItsHeader() {
    try (RunningServer strict =
        RunningServer.start(
            "--squint.limits.clips.file-frames=31", "--squint.limits.clips.frames=4")) {
      HttpResponse<String> response =
          strict.post(
              "/api/ask",
              new Form()
                  .file("files", "a.mp4", clip("shape-moves.mp4"))
                  .field("question", "What?"));
      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(json(response).path("code").asString()).isEqualTo("clip_has_too_many_frames");
      HttpResponse<String> looked =
          strict.post(
              "/api/ask",
              new Form()
                  .file("clips", "a.gif", clip("animation.gif"))
                  .field("frames", "5")
                  .field("question", "What?"));
      assertThat(json(looked).path("code").asString()).isEqualTo("clip_has_too_many_frames");
    }
  }

  @Test
  void framesThatAreCompared_areCountedOverAllClips() {
    try (RunningServer few =
        RunningServer.start("--squint.limits.clips.frames=4", "--squint.limits.pixels=30000")) {
      Form one = new Form().file("files", "a.mp4", clip("shape-moves.mp4")).field("frames", "5");
      HttpResponse<String> response = few.post("/api/ask", one.field("question", "What?"));
      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(json(response).path("code").asString()).isEqualTo("too_many_frames");
      Form two =
          new Form()
              .file("files", "a.mp4", clip("shape-moves.mp4"))
              .file("files", "b.mp4", clip("shape-moves.mp4"))
              .field("frames", "3");
      response = few.post("/api/ask", two.field("question", "What?"));
      assertThat(json(response).path("detail").asString())
          .startsWith("the clips up to files[1] (b.mp4) need 6 frames; a request may use 4");
      Form large = new Form().file("files", "a.mp4", clip("shape-moves.mp4")).field("frames", "4");
      response = few.post("/api/ask", large.field("question", "What?"));
      assertThat(json(response).path("detail").asString())
          .contains("have 36864 pixels; the frames of a request may have 30000");
    }
  }

  @Test
  void clipsCountAsPictures() {
    String part = part("shape-moves.mp4");
    HttpResponse<String> response = chat(part + "," + part + "," + part);
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(json(response).path("error").path("code").asString()).isEqualTo("too_many_pictures");
    JsonNode limits = json(server.get("/api/models")).path(0).path("limits");
    assertThat(limits.toString())
        .isEqualTo(
            "{\"pictures\":2,\"frames\":4,\"tokens\":512,\"clip_bytes\":61440,\"clip_seconds\":3.0}");
  }
}
