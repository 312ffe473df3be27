package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.eval.data.Question;
import dev.squint.llm.EncoderWork;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerLineJsonTest {

  private static final AnswerLine LINE = line(new AnswerLine.Encoded(1, 72, null));

  private static AnswerLine line(AnswerLine.@Nullable Encoded encoded) {
    return new AnswerLine(
        "shapes",
        "none",
        "7",
        "red",
        List.of("red"),
        1,
        144,
        encoded,
        36,
        50,
        1,
        List.of(50, 50),
        12L,
        4096,
        "stop",
        null,
        new Milliseconds(1, 2, 3, 4, 5, 10, true),
        null);
  }

  private static final String OLDER =
      """
      {"set":"shapes","plan":"none","id":"7","answer":"red","expected":["red"],"score":1.0,
       "visual_tokens":144,"kept_tokens":36,"prompt_tokens":50,"completion_tokens":1,
       "layer_tokens":[50,50],"prune_operations":12,"kv_bytes":4096,"finish_reason":"stop","objects":null,
       "ms":{"preprocess":1.0,"encode":2.0,"prune":3.0,"prefill":4.0,"decode":5.0,"ttft":10.0,"encode_cached":true}}
      """;

  @Test
  void line_isReadBackUnchanged() throws Exception {
    assertThat(AnswerLineJson.read(AnswerLineJson.write(LINE))).isEqualTo(LINE);
  }

  @Test
  void whatTheEncoderRanOn_isReadBack_andNoOtherLineHasIt() throws Exception {
    EncoderWork work = new EncoderWork(1, List.of(144.0, 72.5), List.of(20736.0, 5256.25));
    AnswerLine line = line(new AnswerLine.Encoded(1, 144, work));
    String text = AnswerLineJson.write(line);

    assertThat(text)
        .contains("\"encoder_work\":{\"tiles\":1,\"tokens\":[144,72.5],\"pairs\":[20736,5256.25]}");
    assertThat(AnswerLineJson.read(text)).isEqualTo(line);
    assertThat(AnswerLineJson.write(LINE)).doesNotContain("encoder_work");
  }

  @Test
  void lineWithOlderNames_isRead() throws Exception {
    assertThat(AnswerLineJson.read(OLDER)).isEqualTo(line(null));
  }

  @Test
  void line_hasCurrentAndOlderNames() throws Exception {
    JsonNode line = JsonFiles.MAPPER.readTree(AnswerLineJson.write(LINE));
    assertThat(line.get("text").asText()).isEqualTo("red");
    assertThat(line.get("visual_tokens").toString())
        .isEqualTo("{\"total\":144,\"encoded\":72,\"kept\":36}");
    assertThat(line.get("tiles").toString()).isEqualTo("{\"encoded\":1}");
    assertThat(line.get("timings_ms").get("first_token").asDouble()).isEqualTo(10);
    assertThat(line.get("timings_ms").has("ttft")).isFalse();
    assertThat(line.get("answer")).isEqualTo(line.get("text"));
    assertThat(line.get("kept_tokens").asInt()).isEqualTo(36);
    assertThat(line.get("ms").get("ttft").asDouble()).isEqualTo(10);
  }

  @Test
  void aQuestionThatWasNotAsked_hasItsReasonAndNoOtherLineHasOne() throws Exception {
    Question question = Question.open("7", List.of("a.png"), "Which?", List.of("red"), "all");
    AnswerLine failed = AnswerLine.failed("shapes", "none", question, "no picture");
    String text = AnswerLineJson.write(failed);
    assertThat(text).contains("\"error\":\"no picture\"").contains("\"finish_reason\":\"error\"");
    assertThat(AnswerLineJson.read(text)).isEqualTo(failed);
    assertThat(AnswerLineJson.write(LINE)).doesNotContain("\"error\"");
  }
}
