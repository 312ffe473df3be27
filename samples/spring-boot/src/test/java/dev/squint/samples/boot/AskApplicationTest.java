package dev.squint.samples.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.Message;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.RestClient;

/** Tests the application over HTTP, with the libraries of its own build. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class AskApplicationTest {

  private static final Resource SHAPES = new FileSystemResource("../pictures/shapes.png");
  private static final String QUESTION = "What color is the heart?";

  @LocalServerPort private int port;
  private RestClient client;

  @BeforeEach
  void connect() {
    client =
        RestClient.builder()
            .baseUrl("http://localhost:" + port)
            .defaultStatusHandler(status -> true, (request, response) -> {})
            .build();
  }

  @Test
  void answersWithAllVisualTokens_andWithAQuarterOfThem() {
    Map<?, ?> all = ask(SHAPES, "none").getBody();
    assertThat(all.get("text")).isEqualTo("red");
    assertThat(all.get("keptVisualTokens")).isEqualTo(all.get("visualTokens"));

    Map<?, ?> quarter = ask(SHAPES, "encoder:text-guided(keep=0.25)").getBody();
    assertThat(quarter.get("text")).isEqualTo("red");
    assertThat(4 * (Integer) quarter.get("keptVisualTokens"))
        .isEqualTo(quarter.get("visualTokens"));
  }

  @Test
  void fileThatIsNotAPicture_isABadRequest() {
    ResponseEntity<Map<?, ?>> answer = ask(new FileSystemResource("pom.xml"), "none");

    assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.BAD_REQUEST);
    assertThat(answer.getBody().get("detail")).asString().contains("picture");
  }

  @Test
  void healthAndMetrics_reportTheModel() {
    ask(SHAPES, "none");

    assertThat(get("/actuator/health")).containsEntry("status", "UP");
    assertThat(get("/actuator/metrics/squint.answer").get("measurements"))
        .asString()
        .contains("COUNT");
  }

  @Test
  void protobuf_hasTheVersionOfTheBuild() {
    String expected = System.getProperty("protobuf.expected");
    assumeThat(expected).as("protobuf.expected, which only the build sets").isNotNull();

    String jar = Message.class.getProtectionDomain().getCodeSource().getLocation().getPath();

    assertThat(jar).endsWith("protobuf-java-" + expected + ".jar");
  }

  private ResponseEntity<Map<?, ?>> ask(Resource picture, String plan) {
    MultiValueMap<String, Object> form = new LinkedMultiValueMap<>();
    form.add("picture", picture);
    form.add("question", QUESTION);
    form.add("plan", plan);
    return client
        .post()
        .uri("/ask")
        .contentType(MediaType.MULTIPART_FORM_DATA)
        .body(form)
        .retrieve()
        .toEntity(new ParameterizedTypeReference<>() {});
  }

  private Map<String, Object> get(String path) {
    return client.get().uri(path).retrieve().body(new ParameterizedTypeReference<>() {});
  }
}
