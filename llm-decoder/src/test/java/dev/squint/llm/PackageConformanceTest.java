package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.TiledImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every package among the test resources, and Squint's own, gives what its {@code
 * test/expected.json} says. Another folder of packages: {@code -Dpackages.dir=DIR}.
 */
class PackageConformanceTest {

  private static final List<Path> FOLDERS =
      System.getProperty("packages.dir") == null
          ? List.of(Path.of("src/test/resources/packages"), Path.of("../samples/tiny-vlm"))
          : List.of(Path.of(System.getProperty("packages.dir")));
  // One level of a pixel. Plain Java; measured: 0.
  private static final Tolerance PIXEL = Tolerance.absolute(1 / 255.0);
  // The bound is 1e-3 for features of the size 30. Measured: 3.0e-7 of the scale with AVX2.
  private static final Tolerance FEATURE = Tolerance.relative(3e-5);
  // The bound is 1e-3 for logits of the size 10. Measured: 2.4e-6 of the scale with AVX2.
  private static final Tolerance LOGIT = Tolerance.relative(1e-4);
  // Each weight against its own size. Measured: 9.6e-7 with AVX2.
  private static final Tolerance ATTENTION = Tolerance.relative(1e-4);

  private static final ConformanceLog LOG = new ConformanceLog();

  @AfterAll
  static void writeLog() throws IOException {
    LOG.write("packages");
  }

  @TestFactory
  List<DynamicContainer> packages() throws IOException {
    List<DynamicContainer> packages = new ArrayList<>();
    for (Path place : FOLDERS) {
      try (Stream<Path> folders = Files.list(place)) {
        for (Path folder : folders.sorted().toList()) {
          Path expected = folder.resolve("test/expected.json");
          if (Files.exists(expected)) {
            packages.add(tests(folder, new ObjectMapper().readTree(Files.readString(expected))));
          }
        }
      }
    }
    assertThat(packages).isNotEmpty();
    return packages;
  }

  private static DynamicContainer tests(Path folder, JsonNode expected) {
    List<JsonNode> cases = new ArrayList<>();
    expected.get("cases").forEach(cases::add);
    for (String more : List.of("two_pictures_case", "text_only_case")) {
      if (expected.has(more)) {
        cases.add(expected.get(more));
      }
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode one : cases) {
      String name = pictures(one) + " " + one.get("question").asText();
      tests.add(DynamicTest.dynamicTest(name, () -> check(folder, one)));
    }
    return DynamicContainer.dynamicContainer(String.valueOf(folder.getFileName()), tests);
  }

  private static List<String> pictures(JsonNode one) {
    if (one.has("pictures")) {
      return StreamSupport.stream(one.get("pictures").spliterator(), false)
          .map(JsonNode::asText)
          .toList();
    }
    return one.has("picture") ? List.of(one.get("picture").asText()) : List.of();
  }

  private static void check(Path folder, JsonNode one) {
    String name = String.valueOf(folder.getFileName());
    PictureReader reader = new PictureReader();
    List<Picture> pictures =
        pictures(one).stream().map(file -> reader.read(picture(folder, file))).toList();
    List<Message> conversation = List.of(Message.user(pictures, one.get("question").asText()));
    VisionLanguageModel model = LoadedModels.of(folder);
    List<TiledImage> tiled = model.tiler().tile(pictures);
    Set<Evidence<?>> evidence = new HashSet<>(model.parts().always());
    if (one.has("cls_attentions")) {
      evidence.add(new ClsAttention(-1));
    }
    PatchTokens encoded = model.encoder().encode(tiled, evidence);
    PatchTokens tokens = encoded.reduced(model.writer().given(List.of(), encoded));
    if (!pictures.isEmpty()) {
      LOG.add(name, "pixels", Recorded.checkPixels(tiled, one.get("pixel_values"), PIXEL));
      float[] features = encoded.features().data();
      LOG.add(name, "features", Recorded.checkValues(features, one.get("image_features"), FEATURE));
    }
    if (one.has("cls_attentions")) {
      checkAttention(encoded, one.get("cls_attentions"));
    }
    Prompt prompt = model.writer().write(conversation, tokens);
    assertThat(prompt.ids()).isEqualTo(Recorded.longs(one.get("input_ids")));
    LOG.add(name, "prompt ids", 0);
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, tokens, model.decoder().embeddings());
    assertThat(embeddings.positions()).isEqualTo(Recorded.positions(one.get("position_ids")));
    LOG.add(name, "positions", 0);
    if (one.has("next_position_id")) {
      assertThat(embeddings.nextPosition()).isEqualTo(nextPosition(one.get("next_position_id")));
    }
    try (DecodingSession session = model.decoder().prefill(PrefillRequest.of(embeddings))) {
      JsonNode logits = one.get("first_step_logits").get("sampled");
      LOG.add(name, "logits", Recorded.checkSamples(session.logits(), logits, LOGIT, "logits"));
      for (long expected : Recorded.longs(one.get("greedy_tokens"))) {
        int token = Sampler.GREEDY.next(session.logits());
        assertThat((long) token).isEqualTo(expected);
        session.append(token);
      }
      LOG.add(name, "tokens", 0);
    }
  }

  // Named from the package, or from where it lies.
  private static Path picture(Path folder, String file) {
    Path inside = folder.resolve(file);
    return Files.exists(inside) ? inside : folder.resolve("..").resolve(file);
  }

  // Expected are all layers, [T, layers, H, N]; the evidence is the last layer of all tiles, [H,
  // N].
  private static void checkAttention(PatchTokens tokens, JsonNode expected) {
    Attention attention = tokens.evidence(new ClsAttention(-1));
    int[] shape =
        StreamSupport.stream(expected.get("shape").spliterator(), false)
            .mapToInt(JsonNode::asInt)
            .toArray();
    int checked = 0;
    for (JsonNode sample : expected.get("samples")) {
      int index = sample.get(0).asInt();
      int token = index % shape[3];
      int head = index / shape[3] % shape[2];
      int layer = index / shape[3] / shape[2] % shape[1];
      int tile = index / shape[3] / shape[2] / shape[1];
      if (layer == shape[1] - 1) {
        assertClose(
            attention.perHead().get(head, tile * shape[3] + token),
            sample.get(1).asDouble(),
            ATTENTION,
            "attention of tile %d, head %d, token %d",
            tile,
            head,
            token);
        checked++;
      }
    }
    assertThat(checked).isPositive();
  }

  // [B] or [3, B]; a generated token has the same position on every axis.
  private static long nextPosition(JsonNode expected) {
    return (expected.get(0).isArray() ? expected.get(0).get(0) : expected.get(0)).asLong();
  }
}
