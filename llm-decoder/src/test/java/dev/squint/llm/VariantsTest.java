package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.DecodingSession;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.PromptEmbeddings;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.TextEmbeddings;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.PatchTokens;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Quantised graphs, chosen one by one, give what ONNX Runtime gives for them in Python, and the
 * same in stages: {@code test/variants.json} of a package.
 */
class VariantsTest {

  private static final Path PACKAGE =
      Path.of("src/test/resources/packages/llava-onevision-variants");
  // Logits up to 8 in halves are 0.004 apart, and pixels become halves before anything else.
  private static final float HALVES = 0.03f;
  // Dynamic quantisation rounds activations: what falls on the other side of a step moves all.
  private static final float EIGHT_BITS = 0.5f;

  @TempDir static Path cache;

  @TestFactory
  Stream<DynamicTest> variants() throws IOException {
    Path file = PACKAGE.resolve("test/variants.json");
    JsonNode cases = new ObjectMapper().readTree(Files.readString(file)).get("cases");
    return StreamSupport.stream(cases.spliterator(), false)
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.get("variant").asText() + " " + one.get("picture").asText(),
                    () -> check(one)));
  }

  private static void check(JsonNode one) {
    Picture picture = new PictureReader().read(PACKAGE.resolve(one.get("picture").asText()));
    List<Message> question = List.of(Message.user(List.of(picture), one.get("question").asText()));
    Variants variants = Variants.parse(one.get("variant").asText());
    try (VisionLanguageModel model =
        VisionLanguageModel.load(PACKAGE, variants, SessionSettings.DEFAULT)) {
      PatchTokens tokens = model.encoder().encode(model.tiler().tile(List.of(picture)), Set.of());
      PromptEmbeddings prompt =
          model
              .writer()
              .embed(model.writer().write(question, tokens), tokens, model.decoder().embeddings());
      try (StagedDecoder stages = stages(model);
          DecodingSession whole = model.decoder().prefill(PrefillRequest.of(prompt));
          DecodingSession staged = stages.prefill(PrefillRequest.of(prompt))) {
        float tolerance = one.get("variant").asText().contains("q8") ? EIGHT_BITS : HALVES;
        for (JsonNode sample : one.get("first_step_logits").get("sampled")) {
          assertThat(whole.logits()[sample.get(0).asInt()])
              .isCloseTo((float) sample.get(1).asDouble(), within(tolerance));
        }
        for (JsonNode expected : one.get("greedy_tokens")) {
          // A cut is one more place where a decoder of halves rounds.
          if (one.get("variant").asText().contains("decoder=fp16")) {
            assertThat(staged.logits()).containsExactly(whole.logits(), within(HALVES));
          } else {
            assertThat(staged.logits()).isEqualTo(whole.logits());
          }
          int token = Sampler.GREEDY.next(whole.logits());
          assertThat(token).isEqualTo(expected.asInt());
          whole.append(token);
          staged.append(token);
        }
      }
    }
  }

  private static StagedDecoder stages(VisionLanguageModel model) {
    Path graph = model.model().graph(Session.DECODER);
    return StagedDecoder.open(
        new TextEmbeddings(
            OnnxSession.open(model.model().graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT)),
        new GraphRewriter(new GraphCache(cache))
            .cut(graph, GraphKind.DECODER, CutPlan.after(0, 1, 2)),
        SessionSettings.DEFAULT);
  }
}
