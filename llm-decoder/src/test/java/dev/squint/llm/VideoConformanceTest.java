package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.FrameTiler;
import dev.squint.vision.tile.ImageTilers;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.video.Clip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every package that has a {@code test/video.json} gives for short videos what transformers gives,
 * as that file says.
 */
class VideoConformanceTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  // One level of a pixel. Plain Java; measured: 2.4e-7.
  private static final Tolerance PIXEL = Tolerance.absolute(1 / 255.0);
  // The bound is 1e-3 for logits of the size 10. Measured: 7.9e-7 of the scale with AVX2.
  private static final Tolerance VALUE = Tolerance.relative(1e-4);

  static Stream<Arguments> videos() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    for (Path folder : packages()) {
      for (JsonNode one : expected(folder).get("cases")) {
        cases.add(
            Arguments.of(String.valueOf(folder.getFileName()), one.get("frames").asInt(), one));
      }
    }
    assertThat(cases).hasSize(16);
    return cases.stream();
  }

  static Stream<Arguments> choices() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    for (Path folder : packages()) {
      for (JsonNode one : expected(folder).path("chosen")) {
        cases.add(Arguments.of(String.valueOf(folder.getFileName()), one.get("of").asInt(), one));
      }
    }
    assertThat(cases).hasSize(35);
    return cases.stream();
  }

  private static List<Path> packages() throws IOException {
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("test/video.json")))
          .sorted()
          .toList();
    }
  }

  private static JsonNode expected(Path folder) throws IOException {
    return new ObjectMapper().readTree(Files.readString(folder.resolve("test/video.json")));
  }

  @ParameterizedTest(name = "{0}, {1} frames")
  @MethodSource("videos")
  void promptPositionsPixelsLogitsAndTokens_areThoseOfTransformers(
      String name, int frames, JsonNode one) {
    Clip clip = clip(one);
    List<Message> asked = List.of(Message.user(clip, one.get("question").asText()));
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    ExpandedConversation written = model.parts().tiling().expand(asked, PruningPlan.none());
    List<TiledImage> tiled = model.parts().tiling().full(written.images());
    Recorded.checkPixels(tiled, one.get("pixel_values"), PIXEL);
    PatchTokens encoded = model.encoder().encode(tiled, model.decoder().deepFeatures());
    PatchTokens tokens = encoded.reduced(model.writer().given(written.conversation(), encoded));
    Prompt prompt = model.writer().write(written.conversation(), tokens);
    assertThat(prompt.ids()).isEqualTo(Recorded.longs(one.get("input_ids")));
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, tokens, model.decoder().embeddings());
    assertThat(embeddings.positions()).isEqualTo(Recorded.positions(one.get("position_ids")));
    assertThat(embeddings.nextPosition()).isEqualTo(one.get("next_position_id").get(0).asLong());
    try (DecodingSession session = model.decoder().prefill(PrefillRequest.of(embeddings))) {
      Recorded.checkSamples(
          session.logits(), one.get("first_step_logits").get("sampled"), VALUE, "logits");
      for (long token : Recorded.longs(one.get("greedy_tokens"))) {
        assertThat((long) Sampler.GREEDY.next(session.logits())).isEqualTo(token);
        session.append(token);
      }
    }
  }

  @ParameterizedTest(name = "{0}, {1} frames")
  @MethodSource("videos")
  void plansDropTokensAndFrames_andTheMapShowsEachFrame(String name, int frames, JsonNode one) {
    Clip clip = clip(one);
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(4);
    Answer all = model.ask(clip, "What is it?", options);
    Answer kept = model.ask(clip, "What is it?", options.withPlan("encoder:evs(keep=0.5)"));
    Answer fewer = model.ask(clip, "What is it?", options.withPlan("frames:even(frames=4)"));
    List<Answer> mapped = new ArrayList<>(List.of(all, kept));
    if (name.equals("qwen3.5")) {
      // Nothing can be taken out of the states that most of its layers keep.
      assertThatThrownBy(() -> model.check(PruningPlan.parse("layer2:fastv(keep=0.5)")))
          .hasMessageContaining("state");
    } else {
      mapped.add(model.ask(clip, "What is it?", options.withPlan("layer2:fastv(keep=0.5)")));
    }

    assertThat(kept.keptVisualTokens()).isEqualTo(all.keptVisualTokens() / 2);
    assertThat(fewer.frameSeconds().get(0)).hasSize(4);
    assertThat(fewer.encoding().tiles()).isEqualTo(all.encoding().tiles());
    assertThat(fewer.encoding().encodedTiles()).isLessThan(all.encoding().encodedTiles());
    for (Answer answer : mapped) {
      List<Picture> map = model.map(clip, answer);
      assertThat(map).hasSize(frames);
      assertThat(map.get(0).width()).isEqualTo(clip.pictures().get(0).width());
    }
    assertThat(model.map(clip, fewer)).hasSize(4);
  }

  @ParameterizedTest(name = "{0}, of {1} frames")
  @MethodSource("choices")
  void framesAreChosen_asTransformersChooses(String name, int frames, JsonNode one) {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    assertThat(model.frameRule().choose(frames, one.get("frames_per_second").asDouble()))
        .containsExactly(
            StreamSupport.stream(one.get("chosen").spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray());
  }

  /**
   * The video processors of transformers resize by torchvision, whose sums are rounded otherwise
   * than Pillow's: one level of 255 at most in these.
   */
  @ParameterizedTest
  @MethodSource("packageNames")
  void framesThatAreResized_areOneLevelOffAtMost(String name) throws IOException {
    JsonNode one = expected(PACKAGES.resolve(name)).get("resized");
    JsonNode processor =
        new ObjectMapper()
            .readTree(
                Files.readString(PACKAGES.resolve(name).resolve("video_preprocessor_config.json")));
    double level =
        StreamSupport.stream(processor.get("image_std").spliterator(), false)
            .mapToDouble(std -> 1 / (255 * std.asDouble()))
            .max()
            .orElseThrow();
    List<Message> asked = List.of(Message.user(clip(one), "What is it?"));
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    List<TiledImage> tiled =
        model
            .parts()
            .tiling()
            .full(model.parts().tiling().expand(asked, PruningPlan.none()).images());

    Recorded.checkPixels(tiled, one.get("pixel_values"), Tolerance.absolute(1.01 * level));
  }

  static Stream<String> packageNames() throws IOException {
    return packages().stream().map(folder -> String.valueOf(folder.getFileName()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2-vl", "qwen2.5-vl", "qwen3-vl", "qwen3.5"})
  void framesHaveTheSizes_thatTransformersGivesThem(String name) throws IOException {
    Path folder = PACKAGES.resolve(name);
    ObjectMapper json = new ObjectMapper();
    FrameTiler tiler =
        ImageTilers.ofFrames(
            json.readTree(Files.readString(folder.resolve("preprocessor_config.json"))),
            json.readTree(Files.readString(folder.resolve("video_preprocessor_config.json"))));
    JsonNode sizes = expected(folder).get("sizes");
    assertThat(sizes).hasSize(5);
    for (JsonNode size : sizes) {
      int width = size.get(1).asInt();
      int height = size.get(2).asInt();
      Picture grey = new Picture(width, height, new byte[3 * width * height]);
      List<TiledImage> tiled = tiler.tile(Collections.nCopies(size.get(0).asInt(), grey));

      assertThat(tiled).hasSize((size.get(0).asInt() + 1) / 2);
      assertThat(tiled)
          .allSatisfy(
              pair -> {
                assertThat(pair.tileWidth()).isEqualTo(size.get(3).asInt());
                assertThat(pair.tileHeight()).isEqualTo(size.get(4).asInt());
              });
    }
  }

  @Test
  void pixelsOfAPair_areComparedWithThoseOfThePairBefore() {
    Picture still = frame(0, 84, 56);
    List<Picture> pictures = new ArrayList<>(Collections.nCopies(5, still));
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve("qwen2-vl"));
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1);
    AskOptions skipping = AskOptions.DEFAULT.withMaxTokens(1).withPlan("encoder:static-patches");

    assertThat(model.ask(Clip.of(pictures, 2), "What?", options).keptVisualTokens()).isEqualTo(18);
    assertThat(model.ask(Clip.of(pictures, 2), "What?", skipping).keptVisualTokens()).isEqualTo(6);
    // The second frame of the second pair.
    pictures.set(3, frame(3, 84, 56));
    assertThat(model.ask(Clip.of(pictures, 2), "What?", skipping).keptVisualTokens()).isEqualTo(18);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava-onevision-anyres", "qwen3-vl", "smolvlm2"})
  void aPictureBesideAVideo_hasTheTokensOfItsOwnPlace(String name) {
    Content video =
        new Content.Video(
            Clip.of(IntStream.range(0, 4).mapToObj(i -> frame(i, 96, 64)).toList(), 2));
    Content picture = new Content.Image(frame(9, 64, 64));
    Content words = new Content.Text("What is it?");
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(8);
    String after = asked(model, options, video, picture, words);
    String before = asked(model, options, picture, video, words);

    // LLaVA-OneVision's template writes pictures first wherever they are.
    assertThat(after.equals(before)).isEqualTo(name.startsWith("llava"));
  }

  private static String asked(VisionLanguageModel model, AskOptions options, Content... content) {
    return model.ask(List.of(new Message("user", List.of(content))), options).text();
  }

  /** The frames that the file describes. */
  private static Clip clip(JsonNode one) {
    int width = one.get("width").asInt();
    int height = one.get("height").asInt();
    List<Picture> frames =
        IntStream.range(0, one.get("frames").asInt())
            .mapToObj(frame -> frame(frame, width, height))
            .toList();
    return Clip.of(frames, one.get("frames_per_second").asDouble());
  }

  private static Picture frame(int frame, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean white = Math.abs(x - 8 - 6 * frame) < 8 && Math.abs(y - 20) < 8;
        int at = 3 * (y * width + x);
        rgb[at] = (byte) (white ? 255 : 3 * x + 5 * y + 16 * frame);
        rgb[at + 1] = (byte) (white ? 255 : 2 * x + 7 * frame);
        rgb[at + 2] = (byte) (white ? 255 : 4 * y + 11 * frame);
      }
    }
    return new Picture(width, height, rgb);
  }
}
