package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.io.ContentHash;
import dev.squint.webapp.RunningServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The header with the hash of the pictures, and nginx before three servers. */
class StickyRoutingTest {

  private static final String HEADER = "X-Squint-Picture";
  private static final List<String> PICTURES =
      List.of("shapes-large.png", "shapes.png", "chart.png", "text.png");

  private static String body(String picture, boolean stream) {
    return "{\"stream\":%s,\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}},{\"type\":\"text\",\"text\":\"What is this?\"}]}]}"
        .formatted(stream, RunningServer.dataUrl(picture));
  }

  private static String hash(String picture) {
    return ContentHash.of(RunningServer.picture(picture));
  }

  @Test
  void everyApiReturnsTheHashOfTheFile() {
    RunningServer server = RunningServer.shared();
    String picture = PICTURES.get(0);
    assertThat(server.ask(picture, "What is this?").headers().firstValue(HEADER))
        .contains(hash(picture));
    for (boolean stream : new boolean[] {false, true}) {
      HttpResponse<String> response = server.chat(body(picture, stream), HEADER, "another");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.headers().firstValue(HEADER)).contains(hash(picture));
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
    List<RunningServer> servers =
        IntStream.range(0, 3).mapToObj(i -> RunningServer.start()).toList();
    try (Nginx nginx = new Nginx(servers.stream().map(RunningServer::port).toList())) {
      for (int round = 0; round < 2; round++) {
        for (String picture : PICTURES) {
          assertThat(ask(servers.get(0), nginx, picture).statusCode()).isEqualTo(200);
        }
      }
      assertThat(sum(servers, "squint_encoder_cache_total{result=\"miss\"}"))
          .isEqualTo(PICTURES.size());
      assertThat(sum(servers, "squint_encoder_cache_total{result=\"hit\"}"))
          .isEqualTo(PICTURES.size());
      servers.get(2).close();
      for (String picture : PICTURES) {
        assertThat(ask(servers.get(0), nginx, picture).statusCode()).isEqualTo(200);
      }
    } finally {
      servers.forEach(RunningServer::close);
    }
  }

  private static HttpResponse<String> ask(RunningServer client, Nginx nginx, String picture) {
    return client.send(
        HttpRequest.newBuilder(URI.create(nginx.url("/v1/chat/completions")))
            .header("Content-Type", "application/json")
            .header(HEADER, hash(picture))
            .POST(BodyPublishers.ofString(body(picture, false))));
  }

  private static double sum(List<RunningServer> servers, String metric) {
    return servers.stream().mapToDouble(server -> server.metric(metric)).sum();
  }
}
