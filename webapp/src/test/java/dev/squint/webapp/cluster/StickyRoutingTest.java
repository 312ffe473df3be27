package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.picture.Picture;
import dev.squint.webapp.RunningServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The header with the hash of the pictures, and nginx before three servers. */
class StickyRoutingTest {

  private static final String MISSES = "squint_encoder_cache_total{result=\"miss\"}";
  private static final String HITS = "squint_encoder_cache_total{result=\"hit\"}";
  private static final String HEADER = "X-Squint-Picture";
  private static final String PICTURE = "shapes.png";

  private static String body(String address, boolean stream) {
    return "{\"stream\":%s,\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}},{\"type\":\"text\",\"text\":\"What is this?\"}]}]}"
        .formatted(stream, address);
  }

  /** A picture that no server has seen. */
  private static byte[] noise() {
    byte[] rgb = new byte[3 * 40 * 30];
    new SecureRandom().nextBytes(rgb);
    return new Picture(40, 30, rgb).toPng();
  }

  @Test
  void whereItIsSwitchedOn_everyApiReturnsTheHashOfTheFile() {
    RunningServer server = RunningServer.trained();
    String hash = ContentHash.of(RunningServer.picture(PICTURE));
    assertThat(server.ask(PICTURE, "What is this?").headers().firstValue(HEADER)).contains(hash);
    for (boolean stream : new boolean[] {false, true}) {
      HttpResponse<String> response =
          server.chat(body(RunningServer.dataUrl(PICTURE), stream), HEADER, "another");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.headers().firstValue(HEADER)).contains(hash);
    }
  }

  @Test
  void byDefault_noRequestIsHashed() {
    RunningServer server = RunningServer.shared();
    assertThat(server.ask(PICTURE, "What is this?", "max_tokens", "1").headers().map())
        .doesNotContainKey(HEADER.toLowerCase(Locale.ROOT));
  }

  @Test
  void withoutPictures_thereIsNoHash() {
    HttpResponse<String> response =
        RunningServer.trained()
            .chat("{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue(HEADER)).isEmpty();
  }

  @Test
  void behindNginx_eachPictureIsEncodedByOneReplica_andAStoppedOneIsPassedOver() {
    List<byte[]> pictures = Stream.generate(StickyRoutingTest::noise).limit(4).toList();
    RunningServer stopping = RunningServer.start();
    // Any model will do: servers of other tests save two starts.
    List<RunningServer> servers =
        List.of(RunningServer.shared(), RunningServer.trained(), stopping);
    try (Nginx nginx = new Nginx(servers.stream().map(RunningServer::port).toList())) {
      double missesBefore = sum(servers, MISSES);
      double hitsBefore = sum(servers, HITS);
      for (int round = 0; round < 2; round++) {
        for (byte[] picture : pictures) {
          assertThat(ask(nginx, picture).statusCode()).isEqualTo(200);
        }
      }
      assertThat(sum(servers, MISSES) - missesBefore).isEqualTo(pictures.size());
      assertThat(sum(servers, HITS) - hitsBefore).isEqualTo(pictures.size());
      stopping.close();
      for (byte[] picture : pictures) {
        assertThat(ask(nginx, picture).statusCode()).isEqualTo(200);
      }
    } finally {
      stopping.close();
    }
  }

  /** What is on the wires is that of replicas whose processes are killed. */
  @Test
  void behindNginx_aStreamOfAKilledReplicaEndsUnfinished_andAnAnswerNotBegunIsAskedAgain()
      throws Exception {
    byte[] picture = noise();
    Wire.Cut cut = new Wire.Cut();
    try (Wire first = new Wire(RunningServer.shared().port(), cut);
        Wire second = new Wire(RunningServer.trained().port(), cut);
        Wire third = new Wire(RunningServer.shared().port(), cut);
        Nginx nginx = new Nginx(List.of(first.port(), second.port(), third.port()))) {
      cut.afterTheFirst("data: {");
      HttpResponse<InputStream> begun =
          RunningServer.shared()
              .client()
              .send(question(nginx, picture, true).build(), BodyHandlers.ofInputStream());
      assertThat(begun.statusCode()).isEqualTo(200);
      ByteArrayOutputStream received = new ByteArrayOutputStream();
      assertThatThrownBy(() -> begun.body().transferTo(received)).isInstanceOf(IOException.class);
      assertThat(received.toString(StandardCharsets.UTF_8))
          .contains("data:")
          .doesNotContain("[DONE]");
      HttpResponse<String> again = RunningServer.shared().send(question(nginx, picture, true));
      assertThat(again.statusCode()).isEqualTo(200);
      assertThat(again.body()).contains("data: [DONE]");
      cut.beforeTheAnswer();
      HttpResponse<String> document = ask(nginx, picture);
      assertThat(document.statusCode()).isEqualTo(200);
      assertThat(document.body()).contains("finish_reason");
      assertThat(cut.broken()).isEqualTo(2);
    }
  }

  private static HttpResponse<String> ask(Nginx nginx, byte[] picture) {
    return RunningServer.shared().send(question(nginx, picture, false));
  }

  private static HttpRequest.Builder question(Nginx nginx, byte[] picture, boolean stream) {
    String address = "data:image/png;base64," + Base64.getEncoder().encodeToString(picture);
    return HttpRequest.newBuilder(URI.create(nginx.url("/v1/chat/completions")))
        .header("Content-Type", "application/json")
        .header(HEADER, ContentHash.of(picture))
        .POST(BodyPublishers.ofString(body(address, stream)));
  }

  private static double sum(List<RunningServer> servers, String metric) {
    return servers.stream().mapToDouble(server -> server.metric(metric)).sum();
  }
}
