package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.PatchTokens;
import dev.squint.testing.Tolerance;
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
  // A half has 11 bits: each rounding is up to 4.9e-4 of the scale, and pixels become halves
  // before anything else. Measured: 1.8e-3 of the scale with AVX2 and AVX-512.
  private static final Tolerance HALVES = Tolerance.relative(5e-3);
  // Dynamic quantisation rounds activations: what falls on the other side of a step moves all.
  // Measured: 0.033 of the scale with AVX2 and AVX-512.
  private static final Tolerance EIGHT_BITS = Tolerance.relative(0.1);

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
        VisionLanguageModel.load(PACKAGE, LoadOptions.DEFAULT.withVariants(variants))) {
      PatchTokens tokens = model.encoder().encode(model.tiler().tile(List.of(picture)), Set.of());
      PromptEmbeddings prompt =
          model
              .writer()
              .embed(model.writer().write(question, tokens), tokens, model.decoder().embeddings());
      try (StagedDecoder stages = stages(model);
          DecodingSession whole = model.decoder().prefill(PrefillRequest.of(prompt));
          DecodingSession staged = stages.prefill(PrefillRequest.of(prompt))) {
        Tolerance tolerance = one.get("variant").asText().contains("q8") ? EIGHT_BITS : HALVES;
        Recorded.checkSamples(
            whole.logits(), one.get("first_step_logits").get("sampled"), tolerance, "logits");
        for (JsonNode expected : one.get("greedy_tokens")) {
          // A decoder of halves rounds once more at a cut.
          if (one.get("variant").asText().contains("decoder=fp16")) {
            assertClose(staged.logits(), whole.logits(), HALVES, "logits in stages");
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
            .cut(graph, GraphKind.DECODER, CutPlan.after(0, 1, 2).withFusedAttention(true)),
        SessionSettings.DEFAULT);
  }
}
