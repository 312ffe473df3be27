package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.picture.Picture;
import dev.squint.webapp.RunningServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
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
  void everyApiReturnsTheHashOfTheFile() {
    RunningServer server = RunningServer.shared();
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
  void withoutPictures_thereIsNoHash() {
    HttpResponse<String> response =
        RunningServer.shared()
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

  private static HttpResponse<String> ask(Nginx nginx, byte[] picture) {
    String address = "data:image/png;base64," + Base64.getEncoder().encodeToString(picture);
    return RunningServer.shared()
        .send(
            HttpRequest.newBuilder(URI.create(nginx.url("/v1/chat/completions")))
                .header("Content-Type", "application/json")
                .header(HEADER, ContentHash.of(picture))
                .POST(BodyPublishers.ofString(body(address, false))));
  }

  private static double sum(List<RunningServer> servers, String metric) {
    return servers.stream().mapToDouble(server -> server.metric(metric)).sum();
  }
}
