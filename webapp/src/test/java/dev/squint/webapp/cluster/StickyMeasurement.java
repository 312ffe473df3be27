package dev.squint.webapp.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.io.ContentHash;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/**
 * Three servers with the default model behind nginx: hit rates of their caches with and without the
 * hash of pictures, and a server that is killed while questions are asked. Run by {@code
 * webapp/cluster/sticky.sh}.
 */
class StickyMeasurement {

  private static final int PICTURES = Integer.getInteger("sticky.pictures", 24);
  private static final int QUESTIONS = 4;
  private static final int CLIENTS = 4;
  private static final List<String> TEXTS =
      List.of(
          "What is this?", "Which colours are there?", "How many shapes are there?", "Is it red?");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<byte[]> pictures =
      IntStream.range(0, PICTURES).mapToObj(StickyMeasurement::picture).toList();

  /** Shapes at random. */
  static byte[] picture(int seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(256, 256, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < 5; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillOval(random.nextInt(200), random.nextInt(200), 50, 50);
    }
    graphics.dispose();
    try (ByteArrayOutputStream bytes = new ByteArrayOutputStream()) {
      ImageIO.write(image, "png", bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpRequest request(
      Nginx nginx, int picture, int question, boolean hash, boolean stream) {
    String body =
        "{\"stream\":%s,\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}},{\"type\":\"text\",\"text\":\"%s\"}]}]}"
            .formatted(
                stream,
                Base64.getEncoder().encodeToString(pictures.get(picture)),
                TEXTS.get(question % TEXTS.size()));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(nginx.url("/v1/chat/completions")))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (hash) {
      request.header("X-Squint-Picture", ContentHash.of(pictures.get(picture)));
    }
    return request.build();
  }

  private static <T> List<T> all(int count, IntFunction<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        running.add(threads.submit(() -> work.apply(number)));
      }
      List<T> done = new ArrayList<>();
      for (Future<T> each : running) {
        done.add(each.get());
      }
      return done;
    } finally {
      threads.shutdown();
    }
  }

  private static List<Replica> replicas() {
    List<Replica> replicas =
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    new Replica(
                        "", "--model=../samples/tiny-vlm/package", "--squint.onnx.threads=1"))
            .toList();
    replicas.forEach(Replica::ready);
    return replicas;
  }

  private static double sum(List<Replica> replicas, String metric) {
    return replicas.stream().mapToDouble(replica -> replica.metric(metric)).sum();
  }

  @Test
  void sticky() throws Exception {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Three replicas behind nginx

        %d pictures, %d questions about each, one round of all pictures after the other, %d clients; the default model in
        three processes, nginx with `webapp/deploy/nginx.conf`. `encoded` counts questions of which no tile was
        found in a cache; some of these pictures have a black tile in common. Otherwise the highest hit rate is %.0f %%: each picture is encoded once. Written by `webapp/cluster/sticky.sh`.

        | header | encoded | found in a cache | hit rate | prompt tokens reused |
        |---|---|---|---|---|
        """
            .formatted(PICTURES, QUESTIONS, CLIENTS, 100.0 * (QUESTIONS - 1) / QUESTIONS));
    for (boolean hash : new boolean[] {false, true}) {
      List<Replica> replicas = replicas();
      try (Nginx nginx = new Nginx(replicas.stream().map(Replica::port).toList())) {
        for (int round = 0; round < QUESTIONS; round++) {
          int question = round;
          for (int status :
              all(PICTURES, picture -> status(request(nginx, picture, question, hash, false)))) {
            assertThat(status).isEqualTo(200);
          }
        }
        double hits = sum(replicas, "squint_encoder_cache_total{result=\"hit\"}");
        double misses = sum(replicas, "squint_encoder_cache_total{result=\"miss\"}");
        text.append(
            String.format(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.0f %% | %.0f %% |%n",
                hash ? "`X-Squint-Picture`" : "none",
                misses,
                hits,
                100 * hits / (hits + misses),
                100
                    * sum(replicas, "squint_tokens_prompt_reused_total")
                    / sum(replicas, "squint_tokens_prompt_total")));
      } finally {
        replicas.forEach(Replica::close);
      }
    }
    text.append(killed());
    Path file = Path.of(System.getProperty("results.dir", "target/results"), "sticky.md");
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private int status(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString()).statusCode();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How a question ended. */
  private enum End {
    COMPLETE,
    LOST_AFTER_ITS_FIRST_BYTE,
    LOST_BEFORE
  }

  private record Outcome(boolean stream, End end) {}

  private String killed() throws Exception {
    List<Replica> replicas = replicas();
    List<Outcome> outcomes = Collections.synchronizedList(new ArrayList<>());
    int questions = 6 * PICTURES;
    CountDownLatch third = new CountDownLatch(questions / 3);
    try (Nginx nginx = new Nginx(replicas.stream().map(Replica::port).toList())) {
      Thread killer =
          new Thread(
              () -> {
                try {
                  third.await();
                  replicas.get(0).kill();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      killer.start();
      all(
          questions,
          i -> {
            boolean stream = i % 2 == 0;
            // Questions about the same picture follow each other, so that one is always with each
            // replica.
            outcomes.add(
                new Outcome(stream, end(request(nginx, i % PICTURES, i / PICTURES, true, stream))));
            third.countDown();
            return i;
          });
      killer.join();
      // Those that began can be asked again at once.
      assertThat(status(request(nginx, 0, 0, true, false))).isEqualTo(200);
    } finally {
      replicas.forEach(Replica::close);
    }
    StringBuilder text = new StringBuilder();
    text.append(
        """

        ## A replica that is killed

        %d questions with the header, half of them streamed; after a third of them one replica is killed (SIGKILL). A
        question whose answer had not begun is asked again by nginx. A stream that had begun ends without `[DONE]` and with
        an error of the connection, which clients may answer by asking again; the next question got status 200.

        | answers | complete | lost after the first byte | lost before it |
        |---|---|---|---|
        """
            .formatted(questions));
    for (boolean stream : new boolean[] {false, true}) {
      text.append("| ").append(stream ? "streamed" : "documents");
      for (End end : End.values()) {
        long count =
            outcomes.stream().filter(each -> each.equals(new Outcome(stream, end))).count();
        text.append(" | ").append(count);
      }
      text.append(" |\n");
    }
    assertThat(outcomes).extracting(Outcome::end).doesNotContain(End.LOST_BEFORE);
    return text.toString();
  }

  private End end(HttpRequest request) {
    HttpResponse<InputStream> response;
    try {
      response = client.send(request, BodyHandlers.ofInputStream());
    } catch (IOException | InterruptedException e) {
      return End.LOST_BEFORE;
    }
    if (response.statusCode() != 200) {
      return End.LOST_BEFORE;
    }
    try (InputStream body = response.body()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      return text.contains("data: [DONE]") || text.contains("\"finish_reason\":\"")
          ? End.COMPLETE
          : End.LOST_AFTER_ITS_FIRST_BYTE;
    } catch (IOException e) {
      return End.LOST_AFTER_ITS_FIRST_BYTE;
    }
  }
}
