package dev.squint.webapp.answering;

import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.generation.LogitsRules;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.RunningServer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields that choose tokens do over each API what the same settings do in Java. */
class SamplingFieldsTest {

  private static final String FILE = "shapes.png";
  private static final String QUESTION = "What is this?";
  private static final int TOKENS = 12;
  private static VisionLanguageModel model;

  private final RunningServer server = RunningServer.shared();

  @BeforeAll
  static void load() {
    model = VisionLanguageModel.load(RunningServer.MODEL);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static String expected(UnaryOperator<AskOptions> change) {
    return model
        .ask(
            List.of(new PictureReader().read(RunningServer.PICTURES.resolve(FILE))),
            QUESTION,
            change.apply(AskOptions.DEFAULT.withMaxTokens(TOKENS)))
        .text();
  }

  private static String expectedOf(UnaryOperator<LogitsRules> rules) {
    return expected(options -> options.withRules(rules));
  }

  private String chat(String fields) {
    HttpResponse<String> response =
        server.chat(
            "{\"max_tokens\":%d,%s,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}},{\"type\":\"text\",\"text\":\"%s\"}]}]}"
                .formatted(TOKENS, fields, RunningServer.dataUrl(FILE), QUESTION));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response).path("choices").path(0).path("message").path("content").asString();
  }

  private String form(String... fields) {
    List<String> all = new ArrayList<>(List.of("max_tokens", String.valueOf(TOKENS)));
    all.addAll(List.of(fields));
    HttpResponse<String> response = server.ask(FILE, QUESTION, all.toArray(String[]::new));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response).path("text").asString();
  }

  private HttpResponse<String> ollama(String options) {
    return server.postJson(
        "/api/generate",
        "{\"stream\":false,\"prompt\":\"%s\",\"images\":[\"%s\"],\"options\":{\"num_predict\":%d,%s}}"
            .formatted(
                QUESTION,
                Base64.getEncoder().encodeToString(RunningServer.picture(FILE)),
                TOKENS,
                options));
  }

  private String generated(String options) {
    HttpResponse<String> response = ollama(options);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response).path("response").asString();
  }

  @Test
  void penaltyForTokensThatHaveOccurred_isThatOfJava() {
    String penalised = expectedOf(rules -> rules.withRepetitionPenalty(4));
    assertThat(penalised).isNotEqualTo(expectedOf(rules -> rules));

    assertThat(chat("\"repetition_penalty\":4")).isEqualTo(penalised);
    assertThat(form("repetition_penalty", "4")).isEqualTo(penalised);
    assertThat(generated("\"repeat_penalty\":4,\"repeat_last_n\":-1")).isEqualTo(penalised);
  }

  @Test
  void runsThatDoNotComeTwice_areThoseOfJava() {
    String once = expectedOf(rules -> rules.withNoRepeatNgramSize(1));
    assertThat(once).isNotEqualTo(expectedOf(rules -> rules));

    assertThat(chat("\"no_repeat_ngram_size\":1")).isEqualTo(once);
    assertThat(form("no_repeat_ngram_size", "1")).isEqualTo(once);
  }

  @ParameterizedTest
  @CsvSource({"top_k, 3", "min_p, 0.3", "typical_p, 0.4", "top_p, 0.3"})
  void tokensThatAreDrawnFrom_areThoseOfJava(String field, String value) {
    String drawn =
        expected(
            options ->
                options.withSampling(
                    all ->
                        switch (field) {
                          case "top_k" -> all.withTemperature(1.7).withTopK(3);
                          case "min_p" -> all.withTemperature(1.7).withMinP(0.3);
                          case "typical_p" -> all.withTemperature(1.7).withTypicalP(0.4);
                          default -> all.withTemperature(1.7).withTopP(0.3);
                        },
                    5));
    assertThat(drawn)
        .isNotEqualTo(expected(o -> o.withSampling(all -> all.withTemperature(1.7), 5)));

    String fields = "\"temperature\":1.7,\"seed\":5,\"%s\":%s".formatted(field, value);
    assertThat(chat(fields)).isEqualTo(drawn);
    assertThat(form("temperature", "1.7", "seed", "5", field, value)).isEqualTo(drawn);
    if (!field.equals("typical_p")) {
      assertThat(generated(fields)).isEqualTo(drawn);
    }
  }

  @Test
  void anthropicsTopK_leavesTheMostLikelyTokenAlone() {
    HttpResponse<String> response =
        server.postJson(
            "/v1/messages",
            "{\"max_tokens\":%d,\"temperature\":1.0,\"top_k\":1,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                .formatted(TOKENS, QUESTION));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(json(response).path("content").path(0).path("text").asString())
        .isEqualTo(model.ask(List.of(), QUESTION, AskOptions.DEFAULT.withMaxTokens(TOKENS)).text());
  }

  @ParameterizedTest
  @CsvSource({
    "repetition_penalty, 0",
    "repetition_penalty, -1.5",
    "no_repeat_ngram_size, -1",
    "min_p, 1.5",
    "min_p, -0.1",
    "typical_p, 0",
    "top_p, 1.01",
    "top_k, -2",
    "temperature, 2.5"
  })
  void aValueOutOfRange_isRefusedByTheFieldsName(String field, String value) {
    HttpResponse<String> response =
        server.chat(
            "{\"%s\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                .formatted(field, value));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(json(response).path("error").path("param").asString()).isEqualTo(field);
    assertThat(json(response).path("error").path("message").asString())
        .startsWith(field + " must be ")
        .contains("but was " + (value.contains(".") ? value : ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"repeat_penalty\":1.1", "\"repeat_penalty\":1.1,\"repeat_last_n\":64"})
  void ollamasPenaltyOfTheLastTokensAlone_isRefused(String options) {
    HttpResponse<String> response = ollama(options);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).path("error").asString()).contains("send repeat_last_n -1 with it");
  }

  @Test
  void ollamasPenaltyThatIsOff_changesNothing() {
    String plain = expectedOf(rules -> rules);
    assertThat(generated("\"repeat_penalty\":1.0")).isEqualTo(plain);
    assertThat(generated("\"repeat_penalty\":1.5,\"repeat_last_n\":0")).isEqualTo(plain);
  }
}
