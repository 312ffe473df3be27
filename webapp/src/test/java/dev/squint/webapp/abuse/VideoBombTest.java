package dev.squint.webapp.abuse;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.RunningServer.Form;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Clips that would fill the memory or the time of who opens them, or that are none. */
class VideoBombTest {

  private static final int MILLION = 1_000_000;
  private static final int MOST = Integer.MAX_VALUE;

  /** The name of the box stands before a version, two dates and a time scale. */
  private static final int DURATION = 20;

  @AfterAll
  static void stop() {
    Endurance.stop();
  }

  static Stream<Arguments> bombs() {
    return Stream.of(
        bomb("GIF of 16000 x 16000", "clip_frames_too_large", () -> gif(16_000, 16_000, 2)),
        bomb("GIF of 65535 x 65535", "clip_frames_too_large", () -> gif(65_535, 65_535, 2)),
        bomb(
            "webm whose header says 65535 x 65535 and whose frames are small",
            "answered",
            VideoBombs::hugeWebm),
        bomb("WebP of 16 million x 16 million", "clip_frames_too_large", VideoBombs::hugeWebp),
        bomb(
            "mp4 whose table says 65535 x 65535 and whose frames are small",
            "answered",
            () -> VideoBombs.mp4("avc1", 28, -1)),
        bomb(
            "mp4 of 21 hours in 9 kB",
            "clip_too_long",
            () ->
                VideoBombs.mp4("mdhd", DURATION, MOST, "stts", 16, 10 * MILLION, "elst", 12, MOST)),
        bomb(
            "webm whose header says 30000 years and whose frames last 4 s",
            "answered",
            VideoBombs::endlessWebm),
        bomb(
            "mp4 that says it has a million frames",
            "damaged_clip",
            () -> VideoBombs.mp4("stsz", 8, 1, "stsz", 12, MILLION, "stts", 12, MILLION)),
        bomb(
            "mp4 that says it has two billion frames",
            "damaged_clip",
            () -> VideoBombs.mp4("stsz", 12, MOST, "stts", 12, MOST)),
        bomb("GIF of a million frames, 28 hours", "clip_too_long", () -> gif(8, 8, MILLION)),
        bomb(
            "GIF of 25000 frames of 4000 x 2000, which all are to be decoded",
            "unsupported_clip",
            () -> VideoBombs.gif(4_000, 2_000, 25_000, true)),
        bomb("mp4 without a frame", "empty_clip", () -> VideoBombs.mp4("stsz", 12, 0)),
        bomb("webm without a frame", "damaged_clip", () -> VideoBombs.cut("vp9.webm", 0.08)),
        bomb("GIF without a frame", "damaged_clip", () -> gif(64, 64, 0)),
        bomb("sound alone", "unsupported_clip", () -> RunningServer.clip("sound-only.m4a")),
        bomb("two thirds of an mp4", "damaged_clip", () -> VideoBombs.cut("h264.mp4", 0.66)),
        bomb(
            "half an mp4 with its index at the end",
            "damaged_clip",
            () -> VideoBombs.cut("mpeg4.mp4", 0.5)),
        bomb("half a WebP animation", "damaged_clip", () -> VideoBombs.cut("animation.webp", 0.5)),
        bomb("mp4 with noise for frames", "damaged_clip", () -> VideoBombs.noise("h264.mp4", 0.4)),
        bomb("nothing but the beginning", "damaged_clip", () -> VideoBombs.cut("av1.mp4", 0.01)),
        bomb(
            "a play list of files of the machine",
            "unsupported_clip",
            () ->
                VideoBombs.ascii(
                    "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n")),
        bomb(
            "a list of files to be joined",
            "unsupported_clip",
            () -> VideoBombs.ascii("ffconcat version 1.0\nfile /etc/hostname\n")),
        bomb("a file of 17 MiB", "clip_too_large", () -> new byte[17 << 20]));
  }

  private static byte[] gif(int width, int height, int frames) {
    return VideoBombs.gif(width, height, frames, false);
  }

  private static Arguments bomb(String name, String code, Supplier<byte[]> file) {
    return Arguments.of(name, code, file);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bombs")
  void clip_isRefusedByItsHeader_orInTime(String name, String expected, Supplier<byte[]> bomb)
      throws Exception {
    byte[] file = bomb.get();
    List<Path> before = temporaryFiles();
    Endurance.stands(
        "clip",
        name,
        server -> {
          HttpResponse<String> asked =
              server.post(
                  "/api/ask",
                  new Form()
                      .file("clips", "bomb.mp4", file)
                      .field("question", "What is this?")
                      .field("frames", "3")
                      .field("max_tokens", "1"));
          String seen = seen(asked, json(asked));
          assertThat(seen).as(asked.body()).endsWith(expected);
          if (file.length < 1 << 20 && !expected.equals("deadline_exceeded")) {
            HttpResponse<String> chatted = server.chat(chat(file));
            assertThat(seen(chatted, json(chatted).path("error"))).isEqualTo(seen);
          }
          return seen;
        });
    assertNothingStaysBehind(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h264.mp4",
        "hevc.mov",
        "vp9.webm",
        "av1.webm",
        "h264.mkv",
        "mpeg4.avi",
        "animation.gif",
        "animation.png",
        "animation.webp"
      })
  void clipsWithChangedBytes_areAnsweredOrRefused(String name) throws Exception {
    Random random = new Random(name.hashCode());
    Endurance.stands(
        "clip",
        "%s, 30 times with other bytes here and there".formatted(name),
        server -> {
          Map<String, Integer> seen = new TreeMap<>();
          for (int i = 0; i < 30; i++) {
            byte[] file = RunningServer.clip(name);
            // Every third time in the header alone, where a change has the largest effect.
            int reach = i % 3 == 0 ? Math.min(600, file.length) : file.length;
            for (int change = 0; change < 1 + i; change++) {
              file[random.nextInt(reach)] = (byte) random.nextInt(256);
            }
            HttpResponse<String> response =
                server.post(
                    "/api/ask",
                    new Form()
                        .file("clips", name, file)
                        .field("question", "What?")
                        .field("frames", "2")
                        .field("max_tokens", "1"));
            seen.merge(seen(response, json(response)), 1, Integer::sum);
          }
          return seen.toString();
        });
  }

  @Test
  void clientThatGoesAwayWhileItsClipIsRead_isGivenUp() throws Exception {
    // Nearly as much work as the bound allows.
    byte[] slow = VideoBombs.gif(2_000, 1_000, 500, true);
    Endurance.stands(
        "clip",
        "a client that goes away while its clip is read",
        anyServer -> {
          // The deadline of this server comes later than the test waits. How far reading has come
          // by
          // then depends on the machine; in any case nothing may run on.
          RunningServer server = RunningServer.endless();
          server.awaitIdle();
          HttpRequest request =
              server
                  .request("/v1/chat/completions", "Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(chat(slow)))
                  .build();
          CompletableFuture<HttpResponse<String>> answer =
              server.client().sendAsync(request, BodyHandlers.ofString());
          Thread.sleep(100);
          answer.cancel(true);
          server.awaitIdle();
          return "nothing is read any more";
        });
  }

  private static String seen(HttpResponse<String> response, JsonNode error) {
    assertThat(response.statusCode()).isIn(200, 400, 413, 415, 504);
    return response.statusCode() == 200
        ? "200, answered"
        : response.statusCode() + " " + error.path("code").asString();
  }

  private static String chat(byte[] file) {
    return "{\"max_tokens\":1,\"video_sampling\":{\"frames\":3},\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_video\",\"input_video\":{\"data\":\"%s\"}}]}]}"
        .formatted(Base64.getEncoder().encodeToString(file));
  }

  /** Other processes may read clips at the same time, but not for long. */
  private static void assertNothingStaysBehind(List<Path> before) throws Exception {
    List<Path> made = temporaryFiles().stream().filter(file -> !before.contains(file)).toList();
    for (int i = 0; i < 100 && made.stream().anyMatch(Files::exists); i++) {
      Thread.sleep(200);
    }
    assertThat(made.stream().filter(Files::exists)).as("nothing stays behind").isEmpty();
  }

  private static List<Path> temporaryFiles() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.toString().endsWith(".video")).toList();
    }
  }
}
