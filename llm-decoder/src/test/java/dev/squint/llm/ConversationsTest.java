package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.PatchTokens;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.TiledImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Conversations about pictures of odd sizes give what transformers gives, for every package that
 * has a {@code test/conversations.json}.
 */
class ConversationsTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  // As in PackageConformanceTest.
  private static final Tolerance PIXEL = Tolerance.absolute(1 / 255.0);
  private static final Tolerance FEATURE = Tolerance.relative(3e-5);
  private static final Tolerance LOGIT = Tolerance.relative(1e-4);
  // Single floats that are added in another order; one level of one pixel is more.
  private static final Tolerance SUM = Tolerance.relative(1e-6);

  static Stream<Arguments> conversations() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    for (Path folder : packages().toList()) {
      for (JsonNode one : expected(folder).get("cases")) {
        cases.add(
            Arguments.of(String.valueOf(folder.getFileName()), one.get("name").asText(), one));
      }
    }
    assertThat(cases).hasSizeGreaterThan(20);
    return cases.stream();
  }

  static Stream<Path> packages() throws IOException {
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("test/conversations.json")))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static JsonNode expected(Path folder) throws IOException {
    return new ObjectMapper().readTree(folder.resolve("test/conversations.json").toFile());
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("conversations")
  void promptPixelsFeaturesLogitsAndTokens_areThoseOfTransformers(
      String name, String about, JsonNode one) {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    List<Message> conversation = conversation(one.get("turns"));
    List<Picture> pictures =
        conversation.stream().flatMap(message -> message.pictures().stream()).toList();
    List<TiledImage> tiled = pictures.isEmpty() ? List.of() : model.tiler().tile(pictures);
    PatchTokens encoded = model.encoder().encode(tiled, model.parts().always());
    PatchTokens tokens = encoded.reduced(model.writer().given(conversation, encoded));
    if (one.has("refused")) {
      assertThatThrownBy(() -> model.writer().write(conversation, tokens))
          .isInstanceOf(IllegalArgumentException.class);
      return;
    }
    Prompt prompt = model.writer().write(conversation, tokens);
    assertThat(prompt.ids()).isEqualTo(Recorded.longs(one.get("input_ids")));
    if (!pictures.isEmpty()) {
      Recorded.checkPixels(tiled, one.get("pixel_values"), PIXEL);
      Recorded.checkValues(encoded.features().data(), one.get("image_features"), FEATURE);
    }
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, tokens, model.decoder().embeddings());
    assertThat(embeddings.positions()).isEqualTo(Recorded.positions(one.get("position_ids")));
    assertThat(embeddings.nextPosition()).isEqualTo(one.get("next_position_id").get(0).asLong());
    Recorded.checkAnswer(model.decoder(), embeddings, one, LOGIT);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void picturesOfManySizes_haveTheTilesPixelsAndTokensOfTransformers(Path folder)
      throws IOException {
    VisionLanguageModel model = LoadedModels.of(folder);
    JsonNode sizes = expected(folder).get("sizes");
    assertThat(sizes).hasSizeGreaterThan(40);
    for (JsonNode size : sizes) {
      Picture picture = picture(size.get(0).asInt(), size.get(1).asInt(), 0);
      List<TiledImage> tiled = model.tiler().tile(List.of(picture));
      PatchTokens encoded = model.encoder().encode(tiled, model.parts().always());
      PatchTokens tokens = encoded.reduced(model.writer().given(List.of(), encoded));
      Prompt prompt =
          model.writer().write(List.of(Message.user(List.of(picture), "What?")), tokens);

      assertThat(prompt.visual().length + prompt.lineBreaks().length)
          .as("image tokens of %s", size)
          .isEqualTo(size.get(2).asInt());
      assertThat(prompt.lineBreaks()).as("line breaks of %s", size).hasSize(size.get(3).asInt());
      assertThat(tiled.get(0).tiles()).as("tiles of %s", size).hasSize(size.get(4).asInt());
      assertClose(sum(tiled.get(0)), size.get(5).asDouble(), SUM, "pixels of %s", size);
    }
  }

  private static double sum(TiledImage tiled) {
    double sum = 0;
    FloatBuffer pixels = Recorded.asTheEncoderTakesThem(tiled);
    while (pixels.hasRemaining()) {
      sum += Math.abs(pixels.get());
    }
    return sum;
  }

  private static List<Message> conversation(JsonNode turns) {
    List<Message> conversation = new ArrayList<>();
    for (JsonNode turn : turns) {
      List<Content> content = new ArrayList<>();
      for (JsonNode part : turn.get(1)) {
        content.add(
            part.isArray()
                ? new Content.Image(
                    picture(part.get(0).asInt(), part.get(1).asInt(), part.get(2).asInt()))
                : new Content.Text(part.get("text").asText()));
      }
      conversation.add(new Message(turn.get(0).asText(), content));
    }
    return conversation;
  }

  /** As the definitions of the file say. */
  private static Picture picture(int width, int height, int number) {
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 3 * (y * width + x);
        rgb[at] = (byte) (3 * x + 5 * y + 16 * number);
        rgb[at + 1] = (byte) (2 * x + 7 * number);
        rgb[at + 2] = (byte) (4 * y + 11 * number);
      }
    }
    return new Picture(width, height, rgb);
  }
}
