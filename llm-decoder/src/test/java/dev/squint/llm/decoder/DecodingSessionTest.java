package dev.squint.llm.decoder;

import static dev.squint.testing.Closeness.assertClose;
import static dev.squint.testing.Closeness.assertCloseAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageSignature;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.testing.Closeness;
import dev.squint.testing.Tolerance;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DecodingSessionTest {
  // The bound is 1e-3 for logits of the size 10. Measured: 1.2e-6 of the scale with AVX2.
  private static final Tolerance PYTORCH = Tolerance.relative(1e-4);
  // A row alone is summed in other blocks than among others. Measured: 1.0e-6 of the scale with
  // AVX2.
  private static final Tolerance CACHED = Tolerance.relative(1e-5);

  private static final Path FOLDER = Path.of("src/test/resources/packages/llava");
  private static StagedDecoder decoder;
  private static JsonNode textOnly;
  private static long[] prompt;

  @BeforeAll
  static void load() throws IOException {
    ModelPackage model = ModelPackage.read(FOLDER);
    decoder =
        new StagedDecoder(
            new TextEmbeddings(open(model, Session.EMBED_TOKENS)), open(model, Session.DECODER));
    textOnly =
        new ObjectMapper()
            .readTree(Files.readString(FOLDER.resolve("test/expected.json")))
            .get("text_only_case");
    prompt = longs(textOnly.get("input_ids"));
  }

  private static OnnxSession open(ModelPackage model, Session session) {
    return OnnxSession.open(model.graph(session), SessionSettings.DEFAULT);
  }

  @AfterAll
  static void close() {
    decoder.close();
  }

  @Test
  void signature_isReadFromTheGraph() {
    StageSignature stage = decoder.stages().get(0);

    assertThat(stage.hiddenSize()).isEqualTo(64);
    assertThat(stage.cachedLayers()).isEqualTo(4);
    assertThat(stage.tokens().positionIds()).isEqualTo("position_ids");
    assertThat(stage.switches().logitsToKeep()).isNull();
    assertThat(stage.cache().get(1).past()).isEqualTo("past_key_values.0.value");
    assertThat(stage.cache().get(1).present()).isEqualTo("present.0.value");
    assertThat(stage.cache().get(1).emptyShape()).containsExactly(1L, 4L, 0L, 16L);
    assertThat(decoder.cacheBytesPerToken()).isEqualTo(4 * 2 * 4 * 16 * 4);
  }

  @Test
  void greedyTokensAndFirstLogits_areThoseOfPyTorch() {
    try (DecodingSession session = decoder.prefill(PrefillRequest.of(embedded(prompt)))) {
      float[] logits = session.logits();
      double scale = Closeness.scale(logits);
      for (JsonNode sample : textOnly.get("first_step_logits").get("sampled")) {
        int at = sample.get(0).asInt();
        assertCloseAt(scale, logits[at], sample.get(1).asDouble(), PYTORCH, "logit %d", at);
      }
      assertThat(decode(session, 16)).isEqualTo(longs(textOnly.get("greedy_tokens")));
    }
  }

  @Test
  void cachedDecoding_isUncachedDecoding() {
    try (DecodingSession cached = decoder.prefill(PrefillRequest.of(embedded(prompt)))) {
      long[] all = prompt;
      for (int step = 0; step < 12; step++) {
        try (DecodingSession uncached = decoder.prefill(PrefillRequest.of(embedded(all)))) {
          assertClose(cached.logits(), uncached.logits(), CACHED, "logits of step %d", step);
        }
        long token = Sampler.GREEDY.next(cached.logits());
        all = LongStream.concat(Arrays.stream(all), LongStream.of(token)).toArray();
        cached.append(token);
      }
    }
  }

  @Test
  void cacheBytes_areThoseOfTheTokensHeld() {
    try (DecodingSession session = decoder.prefill(PrefillRequest.of(embedded(prompt)))) {
      assertThat(session.cachedTokens()).containsExactly(prompt.length);
      assertThat(session.cacheBytes()).isEqualTo(prompt.length * decoder.cacheBytesPerToken());

      session.append(5);

      assertThat(session.cachedTokens()).containsExactly(prompt.length + 1);
      assertThat(session.cacheBytes())
          .isEqualTo((prompt.length + 1) * decoder.cacheBytesPerToken());
    }
  }

  @Test
  void embeddingsOfAnotherSize_areRefused() {
    FloatBuffer values = FloatBuffer.allocate(3 * 63);

    assertThatThrownBy(
            () ->
                decoder.prefill(
                    PrefillRequest.of(new PromptEmbeddings(values, PositionIds.counting(0, 3), 3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the prompt has embeddings of 63 values but the decoder takes 64");
  }

  private static PromptEmbeddings embedded(long[] ids) {
    FloatBuffer values = DirectBuffers.floats((long) ids.length * decoder.hiddenSize());
    values.put(decoder.embeddings().of(ids)).flip();
    return new PromptEmbeddings(values, PositionIds.counting(0, ids.length), ids.length);
  }

  private static long[] decode(DecodingSession session, int tokens) {
    List<Long> decoded = new ArrayList<>();
    while (decoded.size() < tokens) {
      long token = Sampler.GREEDY.next(session.logits());
      decoded.add(token);
      session.append(token);
    }
    return decoded.stream().mapToLong(Long::longValue).toArray();
  }

  private static long[] longs(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToLong(JsonNode::asLong).toArray();
  }
}
