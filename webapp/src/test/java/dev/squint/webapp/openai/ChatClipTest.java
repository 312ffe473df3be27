package dev.squint.webapp.openai;

import static dev.squint.webapp.RunningServer.clip;
import static dev.squint.webapp.RunningServer.clipUrl;
import static dev.squint.webapp.RunningServer.dataUrl;
import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Clips in OpenAI's form, and the two ways in which others write them there. */
class ChatClipTest {

  private static final String URL = clipUrl("shape-moves.mp4");
  private static final String TEXT =
      "{\"type\":\"text\",\"text\":\"Which way does the circle move?\"}";

  private final RunningServer server = RunningServer.trained();

  static List<String> parts() {
    String data = Base64.getEncoder().encodeToString(clip("shape-moves.mp4"));
    return List.of(
        "{\"type\":\"video_url\",\"video_url\":{\"url\":\"%s\"}}".formatted(URL),
        "{\"type\":\"video_url\",\"video_url\":\"%s\"}".formatted(URL),
        "{\"type\":\"input_video\",\"input_video\":{\"data\":\"%s\"}}".formatted(data),
        "{\"type\":\"input_video\",\"input_video\":{\"data\":\"%s\"}}".formatted(URL),
        "{\"type\":\"input_video\",\"input_video\":{\"url\":\"%s\"}}".formatted(URL),
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}}".formatted(URL));
  }

  private static String message(String... parts) {
    return "{\"role\":\"user\",\"content\":[%s,%s]}".formatted(String.join(",", parts), TEXT);
  }

  private HttpResponse<String> chat(String more, String... parts) {
    return server.chat("{%s\"messages\":[%s]}".formatted(more, message(parts)));
  }

  private JsonNode answer(String more, String... parts) {
    HttpResponse<String> response = chat(more, parts);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void clip_isLookedAtByTheModelsOwnRule(String part) {
    JsonNode answer = answer("", part);
    assertThat(answer.path("choices").path(0).path("message").path("content").asString())
        .isEqualTo("right");
    assertThat(answer.path("squint").path("visual_tokens").path("total").asInt())
        .isEqualTo(4 * 144);
    assertThat(answer.path("squint").path("clips").path(0).path("frames").toString())
        .isEqualTo("[0.0,1.25,2.5,3.875]");
  }

  @Test
  void planAndMap_areThoseOfTheFrames() {
    JsonNode squint =
        answer(
                "\"visual_pruning\":{\"plan\":\"frames:even(keep=0.5) + encoder:aim-merge(keep=0.5)\",\"return_map\":true},",
                parts().get(0))
            .path("squint");
    assertThat(squint.path("stages").valueStream().map(stage -> stage.path("after").asInt()))
        .containsExactly(288, 144);
    assertThat(
            squint
                .path("map")
                .path("pictures")
                .valueStream()
                .map(frame -> frame.path("tiles").size()))
        .containsExactly(1, 0, 0, 1);
  }

  @Test
  void sampling_isThatOfTheRequest_andOfTheClipBeforeIt() {
    String own =
        "{\"type\":\"video_url\",\"video_url\":{\"url\":\"%s\",\"frames\":3,\"to\":2}}"
            .formatted(URL);
    JsonNode clips =
        answer("\"video_sampling\":{\"fps\":0.5,\"from\":1},", own, parts().get(0))
            .path("squint")
            .path("clips");
    assertThat(clips.path(0).path("frames").toString()).isEqualTo("[0.0,1.0,2.0]");
    assertThat(clips.path(1).path("frames").size()).isEqualTo(2);
    assertThat(clips.path(1).path("frames").path(0).asDouble()).isEqualTo(1);
  }

  @Test
  void jpegFrames_areOneClip() {
    String frame = dataUrl("clip-0.png").substring("data:image/png;base64,".length());
    String part =
        "{\"type\":\"video_url\",\"video_url\":{\"url\":\"data:video/jpeg;base64,%s,%s,%s\",\"fps\":2}}"
            .formatted(frame, frame, frame);
    JsonNode clip = answer("", part).path("squint").path("clips").path(0);
    assertThat(clip.path("frames").toString()).isEqualTo("[0.0,0.5,1.0]");
    assertThat(clip.path("seconds").asDouble()).isEqualTo(1.5);
  }

  @Test
  void clipsOfEarlierTurns_areKept() {
    answer("", parts().get(0));
    JsonNode answer =
        json(
            server.chat(
                "{\"messages\":[%s,{\"role\":\"assistant\",\"content\":\"right\"},{\"role\":\"user\",\"content\":\"What color is the circle?\"}]}"
                    .formatted(message(parts().get(0)))));
    assertThat(answer.path("choices").path(0).path("message").path("content").asString())
        .isNotEmpty();
    assertThat(answer.path("squint").path("visual_tokens").path("total").asInt())
        .isEqualTo(4 * 144);
    assertThat(answer.path("squint").path("timings_ms").path("cached_encode").asDouble())
        .as("its frames were encoded before")
        .isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"}}        | 415 | unsupported_clip     | messages[0].content[0]
          {"type":"video_url","video_url":{"url":"data:video/mp4;base64,"}}            | 400 | empty_clip           | messages[0].content[0]
          {"type":"video_url","video_url":{"url":"data:video/mp4,AAAA"}}               | 415 | unsupported_clip     | messages[0].content[0]
          {"type":"video_url","video_url":{"url":"https://example.org/a.mp4"}}         | 400 | remote_urls_disabled | messages[0].content[0]
          {"type":"video_url","video_url":{"url":"file:///etc/passwd"}}                | 400 | remote_urls_disabled | messages[0].content[0]
          {"type":"video_url"}                                                         | 400 | invalid_value        | messages[0].content[0].video_url
          {"type":"input_video","input_video":{}}                                      | 400 | invalid_value        | messages[0].content[0].input_video
          {"type":"input_video","input_video":{"url":"a","data":"b"}}                  | 400 | invalid_value        | messages[0].content[0].input_video
          {"type":"input_video","input_video":{"data":"??"}}                           | 400 | invalid_value        | messages[0].content[0]
          {"type":"input_video","input_video":{"data":"AAAA","frames":0}}              | 400 | invalid_value        | messages[0].content[0].input_video
          {"type":"video_url","video_url":{"url":"data:video/jpeg;base64,AAAA","to":2}} | 400 | invalid_value        | messages[0].content[0].video_url
          {"type":"video_url","video_url":{"url":"data:video/jpeg;base64,AAAA","fps":0}} | 400 | invalid_value        | messages[0].content[0]
          {"type":"video_url","video_url":{"url":"data:video/jpeg;base64,AAAA,AAAA"}}  | 415 | unsupported_picture  | messages[0].content[0] frame 0
          """)
  void clipThatMakesNoSense_isRefused(String part, int status, String code, String param) {
    HttpResponse<String> response = chat("", part);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = json(response).path("error");
    assertThat(error.path("code").asString()).isEqualTo(code);
    assertThat(error.path("param").asString()).isEqualTo(param);
    assertThat(response.body()).doesNotContain("passwd", "/tmp", "squint-");
  }

  @Test
  void description_tellsOfClips() {
    String description = server.get("/openapi").body();
    assertThat(description)
        .contains("input_video", "video_url", "video_sampling", "looked_at", "frame by frame")
        .contains("max_completion_tokens", "visual_tokens")
        .doesNotContain("maxTokens", "visualTokens", "inputVideo");
    assertThat(json(server.get("/v1/models")).toString()).contains("\"video\"");
  }
}
