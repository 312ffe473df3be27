package dev.squint.webapp.abuse;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.RunningServer.Form;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures that would fill the memory or the time of who opens them. */
class PictureBombTest {

  private static final int GIGABYTE = 1 << 30;

  @AfterAll
  static void stop() {
    Endurance.stop();
  }

  static Stream<Arguments> bombs() {
    return Stream.of(
        bomb("PNG header of 40000 x 40000", 413, () -> Bombs.png(40_000, 40_000, 100, new byte[0])),
        bomb("real PNG of 12000 x 12000", 413, () -> Bombs.png(12_000, 12_000)),
        bomb("real PNG of 6000 x 6000, which is allowed", 200, () -> Bombs.png(6_000, 6_000)),
        bomb("PNG of 60000 x 600", 200, () -> Bombs.png(60_000, 600)),
        bomb("PNG of 1 x 65535", 200, () -> Bombs.png(1, 65_535)),
        bomb(
            "PNG of 8 x 8 whose data inflates to 1 GB",
            0,
            () -> Bombs.png(8, 8, GIGABYTE, new byte[0])),
        bomb(
            "PNG with a text that inflates to 1 GB",
            0,
            () -> Bombs.png(64, 64, 64 * 65, Bombs.text(GIGABYTE))),
        bomb(
            "PNG with a colour profile that inflates to 1 GB",
            0,
            () -> Bombs.png(64, 64, 64 * 65, Bombs.profile(GIGABYTE))),
        bomb(
            "PNG that says it has 100000 frames and has one",
            200,
            () -> Bombs.png(64, 64, 64 * 65, Bombs.animation(100_000))),
        bomb("GIF of 65535 x 65535", 413, () -> Bombs.gif(65_535, 65_535, 1)),
        bomb("GIF of 20000 frames", 415, () -> Bombs.gif(64, 64, 20_000)),
        bomb("JPEG header of 65535 x 65535", 413, () -> Bombs.jpeg(65_535, 65_535)),
        bomb("progressive JPEG with 5000 scans", 415, () -> Bombs.scans(1_600, 1_600, 5_000)),
        bomb("progressive JPEG with 700000 scans", 415, () -> Bombs.scans(16, 16, 700_000)),
        bomb("WebP header of 16383 x 16383", 413, () -> Bombs.webp(16_383, 16_383)),
        bomb("TIFF header of 60000 x 60000", 413, () -> Bombs.tiff(60_000, 60_000, 100)),
        bomb("TIFF of 8 x 8 whose strip inflates to 1 GB", 0, () -> Bombs.tiff(8, 8, GIGABYTE)),
        bomb("BMP header of 40000 x 40000", 413, () -> Bombs.bmp(40_000, 40_000)),
        bomb("HEIC header of 40000 x 40000", 415, () -> phone("landscape.heic", 40_000)),
        bomb("AVIF header of 40000 x 40000", 413, () -> phone("hdr-10-bits.avif", 40_000)),
        bomb("HEIC that says it has 9000 x 9000", 415, () -> phone("portrait.heic", 9_000)),
        bomb("PNG of 0 x 0", 400, () -> Bombs.png(0, 0, 1, new byte[0])),
        bomb("half a PNG", 400, () -> Arrays.copyOf(RunningServer.picture("chart.png"), 400)),
        bomb("a file without a byte", 400, () -> new byte[0]),
        bomb(
            "HTML with the name of a picture",
            415,
            () -> "<script>alert(1)</script>".getBytes(StandardCharsets.UTF_8)),
        bomb(
            "SVG that refers to a file",
            415,
            () ->
                "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"
                    .getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] phone(String name, int edge) {
    return Bombs.heif(Path.of("../vision-encoder/src/test/resources/phone", name), edge, edge);
  }

  private static Arguments bomb(String name, int status, Supplier<byte[]> file) {
    return Arguments.of(name, status, file);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bombs")
  void picture_isRefusedOrAnsweredWithinItsMemory(String name, int expected, Supplier<byte[]> bomb)
      throws Exception {
    byte[] file = bomb.get();
    Endurance.stands(
        "picture",
        name,
        server -> {
          HttpResponse<String> response =
              server.post(
                  "/api/ask",
                  new Form()
                      .file("files", "bomb.png", file)
                      .field("question", "What is this?")
                      .field("max_tokens", "1"));
          if (expected == 0) {
            assertThat(response.statusCode()).as(response.body()).isIn(200, 400, 413, 415);
          } else {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(expected);
          }
          return response.statusCode() == 200
              ? "200, answered"
              : response.statusCode() + " " + json(response).path("code").asString();
        });
  }

  @Test
  void morePicturesOrFramesThanAllowed_areRefused() throws Exception {
    String frame = Base64.getEncoder().encodeToString(RunningServer.picture("clip-0.png"));
    for (int count : new int[] {65, 10_000}) {
      StringBuilder frames = new StringBuilder(frame);
      for (int i = 1; i < count; i++) {
        frames.append(',').append(count > 100 ? "AAAA" : frame);
      }
      assertRefused(
          "clip of %d JPEG frames in one address".formatted(count),
          "too_many_frames",
          "{\"type\":\"video_url\",\"video_url\":{\"url\":\"data:video/jpeg;base64,%s\"}}"
              .formatted(frames));
    }
    String picture =
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}"
            .formatted(frame);
    assertRefused(
        "9 pictures",
        "too_many_pictures",
        String.join(",", Stream.generate(() -> picture).limit(9).toList()));
    String large =
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}"
            .formatted(Base64.getEncoder().encodeToString(Bombs.png(2_000, 2_000)));
    assertRefused(
        "8 pictures that make 40 tiles where 30 are allowed",
        "too_many_tiles",
        String.join(",", Stream.generate(() -> large).limit(8).toList()));
    assertRefused(
        "2 pictures that a plan enlarges to 34 tiles",
        "too_many_tiles",
        large + "," + large,
        "tiles:lrs-tiles(keep=0.1, zoom=2)");
    String wide =
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}"
            .formatted(Base64.getEncoder().encodeToString(Bombs.png(2_000, 1_000)));
    assertRefused(
        "3 pictures that a plan enlarges to 27 tiles, and 6 crops of a coarser level",
        "too_many_tiles",
        String.join(",", wide, wide, wide),
        "tiles:lrs-tiles(keep=0.1, zoom=2, levels=2)");
  }

  private static void assertRefused(String name, String code, String parts) throws Exception {
    assertRefused(name, code, parts, "none");
  }

  private static void assertRefused(String name, String code, String parts, String plan)
      throws Exception {
    Endurance.stands(
        "picture",
        name,
        server -> {
          HttpResponse<String> response =
              server.chat(
                  "{\"visual_pruning\":{\"plan\":\"%s\"},\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}"
                      .formatted(plan, parts));
          assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
          assertThat(json(response).path("error").path("code").asString()).isEqualTo(code);
          return "413 " + code;
        });
  }
}
