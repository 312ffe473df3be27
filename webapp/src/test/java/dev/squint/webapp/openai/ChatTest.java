package dev.squint.webapp.openai;

import static dev.squint.webapp.RunningServer.dataUrl;
import static dev.squint.webapp.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ChatTest {

  private static final String PICTURE =
      "{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}}".formatted(dataUrl("shapes.png"));
  private static final String MESSAGES =
      "\"messages\":[{\"role\":\"user\",\"content\":[%s,{\"type\":\"text\",\"text\":\"What is this?\"}]}]"
          .formatted(PICTURE);

  private final RunningServer server = RunningServer.shared();

  @Test
  void question_isAnsweredInOpenAisForm() {
    HttpResponse<String> response =
        server.chat("{\"model\":\"tiled\",\"max_tokens\":3,%s}".formatted(MESSAGES));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode answer = json(response);
    assertThat(answer.path("object").asString()).isEqualTo("chat.completion");
    assertThat(answer.path("choices").path(0).path("message").path("role").asString())
        .isEqualTo("assistant");
    assertThat(answer.path("choices").path(0).path("finish_reason").asString())
        .isIn("stop", "length");
    JsonNode usage = answer.path("usage");
    assertThat(usage.path("total_tokens").asInt())
        .isEqualTo(usage.path("prompt_tokens").asInt() + usage.path("completion_tokens").asInt());
    assertThat(answer.path("squint").path("visual_tokens").path("total").asInt()).isPositive();
    assertThat(answer.path("squint").path("map").isMissingNode()).isTrue();
  }

  @Test
  void aPromptThatBeginsAsAnEarlierOne_isToldToBeCached() {
    String request = "{\"max_tokens\":1,%s}".formatted(MESSAGES);
    server.chat(request);
    JsonNode again = json(server.chat(request));
    int cached = again.path("usage").path("prompt_tokens_details").path("cached_tokens").asInt();
    assertThat(cached).isPositive().isLessThan(again.path("usage").path("prompt_tokens").asInt());
    assertThat(again.path("squint").path("reused_tokens").asInt()).isEqualTo(cached);
    assertThat(again.path("squint").path("timings_ms").path("cached_prefill").asDouble())
        .isPositive();
  }

  @Test
  void visualPruning_shortensThePrompt() {
    String plain = "{\"max_tokens\":1,%s}".formatted(MESSAGES);
    String pruned =
        "{\"max_tokens\":1,\"visual_pruning\":{\"method\":\"uniform-grid\",\"keep_ratio\":0.5,\"return_map\":true},%s}"
            .formatted(MESSAGES);
    JsonNode whole = json(server.chat(plain));
    JsonNode half = json(server.chat(pruned));
    int total = whole.path("squint").path("visual_tokens").path("total").asInt();
    assertThat(half.path("squint").path("visual_tokens").path("kept").asInt()).isEqualTo(total / 2);
    assertThat(
            whole.path("usage").path("prompt_tokens").asInt()
                - half.path("usage").path("prompt_tokens").asInt())
        .isEqualTo(total - total / 2);
    assertThat(half.path("squint").path("map").path("pictures").size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "divprune, encoder:divprune(keep=0.5)",
    "fastv, layer1:fastv(keep=0.5)",
    "h2o, cache:h2o(keep=0.5)"
  })
  void method_actsWhereItCan(String method, String plan) {
    HttpResponse<String> response = server.chat(pruned(method, true));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(json(response).path("squint").path("plan").asString()).isEqualTo(plan);
  }

  @Test
  void methodsThatWork_doSoWithoutAPoint() {
    List<JsonNode> working =
        json(server.get("/api/methods"))
            .valueStream()
            .filter(method -> method.path("works").asBoolean())
            .toList();
    assertThat(working).hasSizeGreaterThan(20);
    for (JsonNode method : working) {
      String name = method.path("name").asString();
      HttpResponse<String> response =
          server.chat(pruned(name, method.path("needs_budget").asBoolean()));
      assertThat(response.statusCode()).as(name + ": " + response.body()).isEqualTo(200);
      if (!name.equals("none")) {
        String plan = json(response).path("squint").path("plan").asString();
        // One name can stand for methods at several points.
        assertThat(
                working.stream()
                    .filter(other -> other.path("name").asString().equals(name))
                    .flatMap(other -> other.path("works_at").valueStream())
                    .map(JsonNode::asString))
            .contains(plan.substring(0, plan.indexOf(':')));
      }
    }
  }

  private static String pruned(String method, boolean half) {
    return "{\"max_tokens\":1,\"visual_pruning\":{\"method\":\"%s\"%s},%s}"
        .formatted(method, half ? ",\"keep_ratio\":0.5" : "", MESSAGES);
  }

  @Test
  void picturesBeyondTheContext_areRefusedBeforeTheyAreDecoded() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(2000, 2000, BufferedImage.TYPE_INT_RGB), "png", file);
    String picture =
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}"
            .formatted(Base64.getEncoder().encodeToString(file.toByteArray()));
    String request =
        "{\"max_tokens\":1%%s,\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}"
            .formatted(String.join(",", Collections.nCopies(8, picture)));
    RunningServer trained = RunningServer.trained();
    assertContextExceeded(
        trained.chat(request.formatted("")), "the pictures have 5760 tokens in 40 tiles");
    assertContextExceeded(
        trained.chat(
            request.formatted(",\"visual_pruning\":{\"plan\":\"encoder:divprune(keep=0.9)\"}")),
        "the prompt has 5");
  }

  @Test
  void textBeyondTheContext_isRefusedByOpenAisCode() {
    assertContextExceeded(
        server.chat(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                .formatted("7 ".repeat(7_000))),
        "the prompt has");
  }

  private static void assertContextExceeded(HttpResponse<String> response, String message) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode error = json(response).path("error");
    assertThat(error.path("code").asString()).isEqualTo("context_length_exceeded");
    assertThat(error.path("param").asString()).isEqualTo("messages");
    assertThat(error.path("message").asString()).startsWith(message);
  }

  @Test
  void streamed_roleThenTextThenReasonThenDone() {
    List<JsonNode> chunks = stream("{\"stream\":true,\"max_tokens\":4,%s}".formatted(MESSAGES));
    assertThat(delta(chunks.get(0)).path("role").asString()).isEqualTo("assistant");
    JsonNode last = chunks.get(chunks.size() - 1);
    assertThat(last.path("choices").path(0).path("finish_reason").asString())
        .isIn("stop", "length");
    assertThat(last.path("squint").path("visual_tokens").path("total").asInt()).isPositive();
    assertThat(chunks)
        .as("without include_usage no chunk has empty choices, which breaks clients")
        .allSatisfy(chunk -> assertThat(chunk.path("choices").size()).isEqualTo(1));
    StringBuilder text = new StringBuilder();
    chunks.forEach(chunk -> text.append(delta(chunk).path("content").asString("")));
    JsonNode whole = json(server.chat("{\"max_tokens\":4,%s}".formatted(MESSAGES)));
    assertThat(text.toString())
        .isEqualTo(whole.path("choices").path(0).path("message").path("content").asString());
  }

  @Test
  void includeUsage_addsOneChunkWithoutChoices() {
    List<JsonNode> chunks =
        stream(
            "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":2,%s}"
                .formatted(MESSAGES));
    JsonNode last = chunks.get(chunks.size() - 1);
    assertThat(last.path("choices").size()).isZero();
    assertThat(last.path("usage").path("completion_tokens").asInt()).isBetween(1, 2);
  }

  @Test
  void sameSeed_givesTheSameAnswer() {
    String request =
        "{\"max_tokens\":8,\"temperature\":1.5,\"top_p\":0.9,\"seed\":7,%s}".formatted(MESSAGES);
    assertThat(content(server.chat(request))).isEqualTo(content(server.chat(request)));
    assertThat(content(server.chat(request)))
        .as("a random model answers otherwise when it is drawn from")
        .isNotEqualTo(content(server.chat("{\"max_tokens\":8,%s}".formatted(MESSAGES))));
  }

  @Test
  void stop_endsTheAnswerBeforeIt() {
    String whole = content(server.chat("{\"max_tokens\":8,%s}".formatted(MESSAGES)));
    assertThat(whole.length()).isGreaterThan(3);
    String stop = whole.substring(2, 4);
    HttpResponse<String> response =
        server.chat(
            "{\"max_tokens\":8,\"stop\":%s,%s}"
                .formatted(RunningServer.JSON.writeValueAsString(stop), MESSAGES));
    assertThat(content(response)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(json(response).path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("stop");
  }

  @Test
  void picturesOfEarlierTurns_areKept() {
    JsonNode answer =
        json(
            server.chat(
                "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":[%s,%s]},{\"role\":\"assistant\",\"content\":\"red\"},{\"role\":\"user\",\"content\":\"And now?\"}]}"
                    .formatted(PICTURE, PICTURE)));
    JsonNode one = json(server.chat("{\"max_tokens\":1,%s}".formatted(MESSAGES)));
    assertThat(answer.path("squint").path("visual_tokens").path("total").asInt())
        .isEqualTo(2 * one.path("squint").path("visual_tokens").path("total").asInt());
  }

  @Test
  void clipOfJpegFrames_isReadAsItsFrames() {
    String frame = dataUrl("clip-0.png").substring("data:image/png;base64,".length());
    JsonNode answer =
        json(
            server.chat(
                "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"video_url\",\"video_url\":{\"url\":\"data:video/jpeg;base64,%s,%s\"}},{\"type\":\"text\",\"text\":\"What?\"}]}]}"
                    .formatted(frame, frame)));
    assertThat(answer.path("squint").path("visual_tokens").path("total").asInt()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}                  | 404 | model_not_found      | model
          {"messages":[]}                                                                 | 400 | invalid_value        | messages
          {}                                                                              | 400 | invalid_value        | messages
          {"messages":[{"content":"hi"}]}                                                 | 400 | invalid_value        | messages[0]
          {"messages":[{"role":"user"}]}                                                  | 400 | invalid_value        | messages[0].content
          {"messages":[{"role":"user","content":null}]}                                   | 400 | invalid_value        | messages[0].content
          {"messages":[{"role":"user","content":[]}]}                                     | 400 | invalid_value        | messages[0].content
          {"messages":[{"role":"tool","content":"hi"}]}                                   | 400 | invalid_value        | messages[0].role
          {"messages":[{"role":"user","content":[{"type":"input_audio"}]}]}               | 400 | unsupported_content  | messages[0].content[0].type
          {"messages":[{"role":"user","content":[{"type":"image_url"}]}]}                 | 400 | invalid_value        | messages[0].content[0].image_url
          {"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,??"}}]}]} | 400 | invalid_value | messages[0].content[0]
          {"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:text/plain;base64,aGVsbG8="}}]}]} | 415 | unsupported_picture | messages[0].content[0]
          {"messages":[{"role":"user","content":"hi"}],"n":2}                             | 400 | invalid_value        | n
          {"messages":[{"role":"user","content":"hi"}],"max_tokens":1.5}                  | 400 | invalid_type         | max_tokens
          {"messages":[{"role":"user","content":"hi"}],"seed":9223372036854775808}        | 400 | invalid_type         | seed
          {"messages":[{"role":"user","content":"hi"}],"temprature":1}                    | 400 | unknown_field        | temprature
          {"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_object"}} | 400 | unsupported_value | response_format
          {"messages":[{"role":"user","content":"hi"}],"logit_bias":{"5":1}}              | 400 | unsupported_value    | logit_bias
          {"messages":[{"role":"user","content":"hi"}],"presence_penalty":0.5}            | 400 | unsupported_value    | presence_penalty
          {"messages":[{"role":"user","content":"hi"}],"functions":[{"name":"f"}]}        | 400 | unsupported_value    | functions
          {"messages":[{"role":"user","content":"hi"}],"top_k":-1}                        | 400 | invalid_value        | top_k
          {"messages":[{"role":"user","content":"hi","images":["aGk="]}]}                 | 400 | unsupported_value    | messages[0].images
          {"messages":[{"role":"user","content":"hi"}],"visual_pruning":{"keepratio":0.5}} | 400 | unknown_field       | visual_pruning.keepratio
          {"messages":[{"role":"user","content":[{"type":"text","text":"a","url":"b"}]}]} | 400 | unknown_field        | messages[0].content[0].url
          {"messages":[{"role":"user","content":"hi"}],"temperature":3}                   | 400 | invalid_value        | temperature
          {"messages":[{"role":"user","content":"hi"}],"max_tokens":"many"}               | 400 | invalid_type         | max_tokens
          {"messages":[{"role":"user","content":"hi"}],"stop":[""]}                       | 400 | invalid_value        | stop
          {"messages":[{"role":"user","content":"hi"}],"visual_pruning":{"method":"nope"}} | 400 | invalid_plan        | visual_pruning.method
          {"messages":[{"role":"user","content":"hi"}],"visual_pruning":{"keep_ratio":0.5}} | 400 | invalid_value      | visual_pruning.method
          """)
  void requestThatMakesNoSense_isRefusedInOpenAisForm(
      String body, int status, String code, String param) {
    HttpResponse<String> response = server.chat(body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = json(response).path("error");
    assertThat(error.path("code").asString()).isEqualTo(code);
    assertThat(error.path("param").asString()).isEqualTo(param);
    assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
    assertThat(error.path("message").asString()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"response_format\":{\"type\":\"text\"}",
        "\"logit_bias\":{},\"tools\":[],\"frequency_penalty\":0,\"presence_penalty\":0.0",
        "\"user\":\"u\",\"metadata\":{\"a\":\"b\"},\"store\":false,\"tool_choice\":\"none\"",
        "\"temprature\":null",
        "\"temperature\":1,\"top_k\":5,\"seed\":1"
      })
  void fieldThatChangesNothing_isAccepted(String field) {
    HttpResponse<String> response =
        server.chat("{\"max_tokens\":1,%s,%s}".formatted(field, MESSAGES));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  @Test
  void moreTokensThanAllowed_areReducedToTheLimit() {
    JsonNode answer = json(server.chat("{\"max_tokens\":1000000,%s}".formatted(MESSAGES)));
    assertThat(answer.path("usage").path("completion_tokens").asInt()).isBetween(1, 512);
    assertThat(answer.path("choices").path(0).path("finish_reason").asString())
        .isIn("stop", "length");
  }

  @Test
  void compressedBody_isRefusedAsSuch() {
    HttpResponse<String> response = server.chat("{}", "Content-Encoding", "gzip");
    assertThat(response.statusCode()).isEqualTo(415);
    assertThat(json(response).path("error").path("code").asString())
        .isEqualTo("unsupported_encoding");
  }

  @Test
  void withoutStream_theAnswerIsJson_whateverIsAccepted() {
    HttpResponse<String> response =
        server.chat("{\"max_tokens\":1,%s}".formatted(MESSAGES), "Accept", "text/event-stream");
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(json(response).path("object").asString()).isEqualTo("chat.completion");
  }

  @Test
  void models_listsTheOneThatIsLoaded() {
    JsonNode models = json(server.get("/v1/models"));
    assertThat(models.path("data").path(0).path("id").asString()).isEqualTo("tiled");
    assertThat(json(server.get("/v1/models/tiled")).path("object").asString()).isEqualTo("model");
    assertThat(server.get("/v1/models/other").statusCode()).isEqualTo(404);
  }

  private List<JsonNode> stream(String body) {
    HttpResponse<String> response = server.chat(body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    List<String> data =
        response
            .body()
            .lines()
            .filter(line -> line.startsWith("data: "))
            .map(line -> line.substring(6))
            .toList();
    assertThat(data.get(data.size() - 1)).isEqualTo("[DONE]");
    return data.subList(0, data.size() - 1).stream().map(RunningServer.JSON::readTree).toList();
  }

  private static JsonNode delta(JsonNode chunk) {
    return chunk.path("choices").path(0).path("delta");
  }

  private static String content(HttpResponse<String> response) {
    return json(response).path("choices").path(0).path("message").path("content").asString();
  }
}
