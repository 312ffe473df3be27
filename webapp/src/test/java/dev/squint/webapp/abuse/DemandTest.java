package dev.squint.webapp.abuse;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are well formed and ask for too much, or for what is not theirs. */
class DemandTest {

  private static final String HELLO = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";

  static Stream<Arguments> demands() {
    return Stream.of(
        Arguments.of("a text of 1 MiB", 413, "prompt_too_long", messages("x".repeat(1 << 20))),
        Arguments.of(
            "10000 messages",
            413,
            "too_many_messages",
            "{\"messages\":[%s]}"
                .formatted(
                    Stream.generate(() -> "{\"role\":\"user\",\"content\":\"a\"}")
                        .limit(10_000)
                        .collect(Collectors.joining(",")))),
        Arguments.of("no token", 400, "invalid_value", "{\"max_tokens\":0,%s}".formatted(HELLO)),
        Arguments.of(
            "a number beyond all",
            400,
            "invalid_type",
            "{\"max_tokens\":1e999,%s}".formatted(HELLO)),
        Arguments.of(
            "a million answers", 400, "invalid_value", "{\"n\":1000000,%s}".formatted(HELLO)),
        Arguments.of(
            "100000 nested arrays",
            400,
            "invalid_type",
            "{\"messages\":%s}".formatted("[".repeat(100_000))),
        Arguments.of(
            "1000 stop texts",
            400,
            "invalid_value",
            "{\"stop\":[%s],%s}"
                .formatted(
                    Stream.generate(() -> "\"a\"").limit(1_000).collect(Collectors.joining(",")),
                    HELLO)),
        Arguments.of(
            "a plan of 100 steps",
            400,
            "invalid_plan",
            "{\"visual_pruning\":{\"plan\":\"%s\"},%s}"
                .formatted(
                    Stream.generate(() -> "encoder:random(keep=0.9)")
                        .limit(100)
                        .collect(Collectors.joining(" + ")),
                    HELLO)),
        Arguments.of(
            "a plan after a layer that is not there",
            400,
            "invalid_plan",
            "{\"visual_pruning\":{\"plan\":\"layer9999:random(keep=0.5)\"},%s}".formatted(HELLO)),
        Arguments.of(
            "a model by a path",
            404,
            "model_not_found",
            "{\"model\":\"../../etc/passwd\",%s}".formatted(HELLO)));
  }

  private static String messages(String text) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(text);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("demands")
  void tooMuch_isRefusedByName(String name, int status, String code, String body) throws Exception {
    Endurance.stands(
        "demand",
        name,
        server -> {
          HttpResponse<String> response = server.chat(body);
          assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
          assertThat(json(response).path("error").path("code").asString()).isEqualTo(code);
          assertThat(response.body()).hasSizeLessThan(1_000).doesNotContain("root:");
          return status + " " + code;
        });
  }

  @Test
  void modelThatNeverStops_isStoppedByTokensOrTime() throws Exception {
    Endurance.stands(
        "demand",
        "an answer of 100000 tokens by a model that never stops",
        anyServer -> {
          // The model computes until the deadline, and that of this server comes first.
          HttpResponse<String> response =
              RunningServer.strict()
                  .chat(
                      "{\"max_tokens\":100000,%s}".formatted(HELLO),
                      "Authorization",
                      "Bearer " + RunningServer.KEY);
          assertThat(response.statusCode()).isIn(200, 504);
          return response.statusCode() == 504
              ? "504 deadline_exceeded"
              : "200, ended by the model's context";
        });
    Endurance.stands(
        "demand",
        "an answer of 50 tokens by a model that never stops",
        server -> {
          HttpResponse<String> response = server.chat("{\"max_tokens\":50,%s}".formatted(HELLO));
          assertThat(json(response).path("choices").path(0).path("finish_reason").asString())
              .isEqualTo("length");
          return "200, finish_reason length";
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://pictures.example.org/a.png",
        "https://evil.example/a.png",
        "https://127.0.0.1/a.png",
        "https://2130706433/a.png",
        "https://0177.0.0.1/a.png",
        "https://0x7f.0.0.1/a.png",
        "https://127.1/a.png",
        "https://[::1]/a.png",
        "https://[::ffff:127.0.0.1]/a.png",
        "https://[::ffff:7f00:1]/a.png",
        "https://169.254.169.254/latest/meta-data/",
        "https://pictures.example.org@127.0.0.1/a.png",
        "https://user:pass@pictures.example.org/a.png",
        "https://127.0.0.1\\\\@pictures.example.org/a.png",
        "https://pictures.example.org\\\\@127.0.0.1/a.png",
        "https://pictures.example.org:22/a.png",
        "https://pictures.example.org.evil.example/a.png",
        "https://evil.example#@pictures.example.org/",
        "https://evil.example?@pictures.example.org/",
        "https:pictures.example.org/a.png",
        "//pictures.example.org/a.png",
        "https://pictures.example.org%00.evil.example/a.png",
        "https://pictures\u3002example.org/a.png",
        "https://localhost/a.png",
        "file:///etc/passwd",
        "ftp://pictures.example.org/a.png",
        "gopher://pictures.example.org/",
        "jar:https://pictures.example.org/a.jar!/a.png"
      })
  void address_isNotFetched(String address) throws Exception {
    Endurance.stands(
        "address",
        "`" + address + "`",
        server -> {
          // The one name that is allowed here and leads back to this machine.
          String code =
              address.startsWith("https://localhost/") ? "remote_url_failed" : "remote_url_refused";
          for (String part : List.of("image_url", "video_url", "input_video")) {
            HttpResponse<String> response =
                server.chat(
                    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"%s\",\"%s\":{\"url\":\"%s\"}}]}]}"
                        .formatted(part, part, address));
            assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
            assertThat(json(response).path("error").path("code").asString()).isEqualTo(code);
          }
          return "400 " + code;
        });
  }
}
