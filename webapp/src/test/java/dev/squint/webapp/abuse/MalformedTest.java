package dev.squint.webapp.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.Draws;
import dev.squint.testing.RandomTries;
import dev.squint.webapp.RunningServer;
import dev.squint.webapp.RunningServer.Form;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bodies that are nearly right: never a failure of the server. */
class MalformedTest {

  private static final String JSON =
      "{\"model\":\"never-stops\",\"max_tokens\":1,\"stop\":[\"x\"],\"temperature\":0.5,\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}},{\"type\":\"text\",\"text\":\"What?\"}]}],\"visual_pruning\":{\"plan\":\"encoder:divprune(keep=0.5)\",\"return_map\":true}}"
          .formatted(RunningServer.dataUrl("text.png"));
  private static final String MULTIPART =
      "--b\r\nContent-Disposition: form-data; name=\"question\"\r\n\r\nWhat?\r\n--b\r\nContent-Disposition: form-data; name=\"max_tokens\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b--\r\n";

  private static int refused;

  @BeforeAll
  static void start() {
    Endurance.server();
    refused = 0;
  }

  @AfterAll
  static void stillStands() throws Exception {
    Endurance.stands(
        "body",
        "damaged JSON and forms, 400 of them",
        server -> refused + " refused with 4xx, the others answered");
  }

  /** A change of a text, at positions between 0 (start) and 1 (end). */
  record Damage(int kind, double at, double length, long seed) {

    byte[] to(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      int from = (int) (at * (bytes.length - 1));
      int to = (int) Math.min(bytes.length, from + 1 + length * 40);
      StringBuilder damaged = new StringBuilder(text);
      Random random = new Random(seed);
      switch (kind) {
        case 0 -> damaged.delete(from, to);
        case 1 -> damaged.setLength(from);
        case 2 -> damaged.insert(from, text, from, to);
        case 3 -> damaged.setCharAt(from, (char) random.nextInt(256));
        case 4 -> damaged.insert(from, "\u0000\u0001\u00ff\r\n\"{[".charAt(random.nextInt(8)));
        case 5 -> damaged.insert(from, "[".repeat(5_000));
        case 6 -> damaged.replace(from, to, "9".repeat(1 + random.nextInt(2_000)));
        default -> damaged.insert(from, text.substring(0, to));
      }
      return damaged.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private static Damage damage(Draws draws) {
    return new Damage(draws.integer(0, 7), draws.real(0, 1), draws.real(0, 1), draws.anyLong());
  }

  @Test
  void json() {
    RandomTries.of(
        200, draws -> check("/v1/chat/completions", "application/json", damage(draws).to(JSON)));
  }

  @Test
  void form() {
    RandomTries.of(
        200,
        draws -> check("/api/ask", "multipart/form-data; boundary=b", damage(draws).to(MULTIPART)));
  }

  private static void check(String path, String type, byte[] body) {
    RunningServer server = Endurance.server();
    HttpResponse<String> response =
        server.send(
            server.request(path, "Content-Type", type).POST(BodyPublishers.ofByteArray(body)));
    assertThat(response.statusCode())
        .as(() -> response.body() + " to " + new String(body, StandardCharsets.ISO_8859_1))
        .satisfiesAnyOf(
            status -> assertThat(status).isEqualTo(200),
            status -> assertThat(status).isBetween(400, 499),
            // Damage may ask for many tokens, which on a slow machine are not done in time.
            status -> {
              assertThat(status).isEqualTo(504);
              assertThat(response.body()).contains("deadline_exceeded");
            });
    assertThat(response.body()).doesNotContain("Exception").doesNotContain("dev.squint");
    refused += response.statusCode() == 200 ? 0 : 1;
  }

  @Test
  void names_areNothingButNames() throws Exception {
    for (String name :
        new String[] {
          "../../../../etc/passwd",
          "..\\\\..\\\\windows\\\\win.ini",
          "/etc/shadow",
          "C:/boot.ini",
          "a%00.png",
          "<img src=x onerror=alert(1)>.png",
          "x".repeat(3_000)
        }) {
      Endurance.stands(
          "name",
          name.length() > 100 ? "3000 letters" : "`" + name + "`",
          server -> {
            HttpResponse<String> broken =
                server.post(
                    "/api/ask",
                    new Form()
                        .file("files", name, new byte[] {1, 2, 3})
                        .field("question", "<b>What?</b>"));
            assertThat(broken.statusCode()).isEqualTo(415);
            assertThat(broken.headers().firstValue("content-type"))
                .hasValue("application/problem+json");
            assertThat(broken.headers().firstValue("x-content-type-options")).hasValue("nosniff");
            assertThat(broken.body()).hasSizeLessThan(1_000);
            HttpResponse<String> good =
                server.post(
                    "/api/ask",
                    new Form()
                        .file("files", name, RunningServer.picture("text.png"))
                        .field("question", "<script>alert(1)</script>")
                        .field("max_tokens", "1"));
            assertThat(good.statusCode()).isEqualTo(200);
            assertThat(good.headers().firstValue("content-type")).hasValue("application/json");
            return "415 for what is no picture, 200 for one; always JSON";
          });
    }
  }
}
