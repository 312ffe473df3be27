package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the command line in this process: exit code, output, errors. */
class SquintTest {

  private static final Path PACKAGES = Path.of("../llm-decoder/src/test/resources/packages");
  private static final String LLAVA = PACKAGES.resolve("llava").toString();
  private static final String TILED = PACKAGES.resolve("tiled").toString();
  private static final String SMALL = PACKAGES.resolve("llava/test/small_90x70.png").toString();
  private static final String WIDE = PACKAGES.resolve("llava/test/wide_300x150.png").toString();
  private static final String QUESTION = "What is in the picture?";

  @TempDir Path folder;

  private record Ran(int code, String out, String err) {}

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Squint.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Ran(code, out.toString(), err.toString());
  }

  @Test
  void ask_printsTheAnswerAloneAndTheFiguresOnStandardError() {
    Ran ran = run("ask", SMALL, QUESTION, "--model", LLAVA, "--max-tokens", "16");

    assertThat(ran.code).isZero();
    assertThat(ran.out)
        .isEqualToNormalizingNewlines("l~ white6gce helpfu\uFFFDlp white6g cirg\uFFFD is\n");
    List<String> lines = ran.err.lines().toList();
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .startsWith(
            "[1 of 1 tiles encoded, 64 of 64 visual tokens, 81 prompt + 16 answer tokens, cache ")
        .contains(" KiB; ")
        .endsWith("; length]");

    Ran quiet = run("ask", SMALL, QUESTION, "--model", LLAVA, "--max-tokens", "16", "--quiet");
    assertThat(quiet.out).isEqualTo(ran.out);
    assertThat(quiet.err).isEmpty();
  }

  @Test
  void ask_putsTransparentPicturesOnABackground() {
    // Black ink on a clear ground, all black without its transparency.
    String ink = "../vision-encoder/src/test/resources/cases/transparent_ink.png";
    String[] ask = {"ask", "-q", ink, QUESTION, "--model", LLAVA, "--max-tokens", "16"};
    String dropped = run(ask).out;
    assertThat(answered(ask, "--background", "black")).isEqualTo(dropped);
    assertThat(answered(ask, "--background", "white")).isNotEqualTo(dropped);

    Ran wrong = run("ask", ink, QUESTION, "--model", LLAVA, "--background", "blanc");
    assertThat(wrong.code).isEqualTo(2);
    assertThat(wrong.err)
        .contains("--background: a background is white, black, grey or #rrggbb")
        .contains("'blanc'");
  }

  @Test
  void ask_printsTheNoticeOfTheModelOnceOnStandardErrorUnlessQuiet() {
    String[] ask = {
      "ask", SMALL, QUESTION, "--max-tokens", "2", "--model", "../samples/tiny-vlm/package"
    };

    assertThat(run(ask).err).containsOnlyOnce("note: This is a demonstration model");
    Ran quiet =
        run(Stream.of(Stream.of(ask), Stream.of("-q")).flatMap(w -> w).toArray(String[]::new));
    assertThat(quiet.code).isZero();
    assertThat(quiet.err).isEmpty();
  }

  @Test
  void help_isACommandTooAndListsTheServer() {
    assertThat(run("help").out).isEqualTo(run("--help").out).contains("serve").contains("ask");
    assertThat(run("help", "ask").out).isEqualTo(run("ask", "--help").out).contains("--quiet");
    assertThat(run("help", "serve").out).contains("Starts the HTTP server");
    Ran serve = run("serve", "--port=8080");
    assertThat(serve.code).isEqualTo(2);
    assertThat(serve.err).contains("./squint serve");
  }

  @Test
  void askJson_isOneObjectWithAllFields() throws IOException {
    Ran ran = askTiled("--max-tokens=4", "--json", "--plan=encoder:cls-attention(keep=0.25)");

    assertThat(ran.code).as(ran.err).isZero();
    JsonNode json = new ObjectMapper().readTree(ran.out);
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "text",
            "model",
            "devices",
            "plan",
            "finish_reason",
            "prompt_tokens",
            "completion_tokens",
            "reused_tokens",
            "drafts",
            "tiles",
            "visual_tokens",
            "stages",
            "prefill_runs",
            "prune_operations",
            "kv_bytes",
            "timings_ms",
            "notes",
            "answer",
            "tokens");
    assertThat(json.get("model").asText()).isEqualTo("tiled");
    assertThat(json.get("plan").asText()).isEqualTo("encoder:cls-attention(keep=0.25)");
    assertThat(json.get("finish_reason").asText()).isEqualTo("length");
    assertThat(json.get("visual_tokens").get("total").asInt()).isEqualTo(8 * 36);
    assertThat(json.get("visual_tokens").get("kept").asInt()).isEqualTo(2 * 36);
    assertThat(json.get("completion_tokens").asInt()).isEqualTo(4);
    assertThat(json.get("prompt_tokens").asInt()).isGreaterThan(72);
    assertThat(json.get("stages").toString())
        .isEqualTo("[{\"point\":\"encoder\",\"before\":288,\"after\":72}]");
    assertThat(json.get("answer")).as("an older name").isEqualTo(json.get("text"));
    assertThat(json.get("tokens").get("completion")).isEqualTo(json.get("completion_tokens"));
    assertThat(json.get("tokens").get("prompt")).isEqualTo(json.get("prompt_tokens"));
    assertThat(json.get("prune_operations").asLong()).isPositive();
    assertThat(json.get("kv_bytes").asLong()).isPositive();
    assertThat(json.get("timings_ms").fieldNames())
        .toIterable()
        .containsExactly(
            "preprocess",
            "encode",
            "cached_encode",
            "prune",
            "prefill",
            "cached_prefill",
            "decode",
            "first_token",
            "total",
            "ttft");
    assertThat(json.get("timings_ms").get("total").asDouble())
        .isGreaterThan(json.get("timings_ms").get("first_token").asDouble());
    assertThat(json.get("timings_ms").get("ttft"))
        .isEqualTo(json.get("timings_ms").get("first_token"));
  }

  /** Asks about two pictures of different sizes. */
  private static Ran askTiled(String... options) {
    List<String> args = new ArrayList<>(List.of("ask", SMALL, WIDE, QUESTION, "--model", TILED));
    args.addAll(List.of(options));
    return run(args.toArray(String[]::new));
  }

  @Test
  void askMap_writesOnePictureWithThePicturesBelowEachOther() throws IOException {
    Path map = folder.resolve("map.png");
    Ran ran = askTiled("--max-tokens=1", "--map=" + map, "--plan=encoder:random(keep=0.25)");

    assertThat(ran.code).as(ran.err).isZero();
    BufferedImage image = ImageIO.read(map.toFile());
    assertThat(image.getWidth()).isEqualTo(300);
    assertThat(image.getHeight()).isEqualTo(70 + 4 + 150);
    assertThat(files()).containsExactly("map.png");
  }

  @Test
  void aPlaceholderThatIsTyped_isText_unlessSpecialTokensAct() {
    Ran plain = run("ask", SMALL, "What is it?", "--model", LLAVA, "--max-tokens", "1");
    Ran typed = run("ask", SMALL, "What is <image>?", "--model", LLAVA, "--max-tokens", "1");
    assertThat(typed.code).as(typed.err).isZero();
    String tokens = "1 of 1 tiles encoded, 64 of 64 visual tokens";
    assertThat(plain.err).contains(tokens);
    assertThat(typed.err).contains(tokens);
    Ran acting =
        run("ask", SMALL, "What is <image>?", "--model", LLAVA, "--special-tokens-in-text");
    assertThat(acting.code).isNotZero();
    assertThat(acting.err).contains("<image>");
  }

  @Test
  void sampling_isReproducibleBySeed() {
    String[] ask = {"ask", SMALL, QUESTION, "--model", LLAVA, "--temperature", "1.5", "--seed"};

    String one = answer(ask, "1");
    assertThat(answer(ask, "1")).isEqualTo(one);
    assertThat(answer(ask, "2")).isNotEqualTo(one);
  }

  private static String answered(String[] ask, String... more) {
    Ran ran =
        run(Stream.of(Stream.of(ask), Stream.of(more)).flatMap(w -> w).toArray(String[]::new));
    assertThat(ran.code).as(ran.err).isZero();
    return ran.out;
  }

  private static String answer(String[] ask, String seed) {
    Ran ran =
        run(
            Stream.of(Stream.of(ask), Stream.of(seed, "--max-tokens", "12"))
                .flatMap(words -> words)
                .toArray(String[]::new));
    assertThat(ran.code).as(ran.err).isZero();
    return ran.out.lines().findFirst().orElseThrow();
  }

  @Test
  void methods_drawsWhatEachKeeps() {
    Ran ran =
        run(
            "methods",
            "--draw",
            folder.resolve("maps").toString(),
            "--picture",
            SMALL,
            "--model",
            LLAVA);

    assertThat(ran.code).as(ran.err).isZero();
    assertThat(ran.out)
        .contains("encoder:globalcom2(keep=0.25): 16 of 64 visual tokens")
        .contains("encoder:quota(keep=0.25): not drawn, 'quota' needs FrameRelevance[]");
    assertThat(folder.resolve("maps/globalcom2.png")).isNotEmptyFile();
    assertThat(folder.resolve("maps/thumbnail.png")).isNotEmptyFile();
    assertThat(folder.resolve("maps/quota.png")).doesNotExist();
    fails(2, "--draw needs a picture; add --picture FILE", "methods", "--draw", "maps");
  }

  @Test
  void methods_drawsOnlyWhatIsNamed() throws IOException {
    Path maps = folder.resolve("one");
    Ran ran =
        run(
            "methods",
            "--draw",
            maps.toString(),
            "--method",
            "divprune",
            "--picture",
            SMALL,
            "--model",
            LLAVA);

    assertThat(ran.code).as(ran.err).isZero();
    try (Stream<Path> files = Files.list(maps)) {
      assertThat(files).containsExactly(maps.resolve("divprune.png"));
    }
    fails(2, "--method needs --draw DIR", "methods", "--method", "divprune");
    fails(
        1,
        "'fastv' acts at [layerK]; only methods at tiles, patches or encoder can be drawn",
        "methods",
        "--draw",
        maps.toString(),
        "--method",
        "fastv",
        "--picture",
        SMALL,
        "--model",
        LLAVA);
  }

  @Test
  void methods_drawsThePicturesOfThePage_andNoOthers() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "docs", "methods"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(file -> file.endsWith(".png")))
          .containsExactlyInAnyOrderElementsOf(
              MethodMaps.all().stream().map(MethodMaps::file).toList());
    }
  }

  @Test
  void methods_listsTheCatalogue() throws IOException {
    assertThat(run("methods").out)
        .contains("text-guided: ")
        .contains("needs QuestionEmbeddings")
        .containsSubsequence("p-mod: ", "at decoder; needs Trained[method=p-mod]; trained")
        .containsSubsequence("gamma-mod: ", "at decoder; needs Trained[method=gamma-mod]; trained");

    JsonNode json = new ObjectMapper().readTree(run("methods", "--json").out);
    List<String> names = MethodCatalogue.all().methods().stream().map(Method::name).toList();
    assertThat(json.findValuesAsText("name")).isEqualTo(names);
    assertThat(run("methods").out.lines().filter(line -> !line.startsWith(" ")))
        .extracting(line -> line.substring(0, line.indexOf(':')))
        .isEqualTo(names);
    for (JsonNode method : json) {
      for (String field : List.of("name", "points", "paper", "needs", "training", "faithfulness")) {
        assertThat(method.has(field)).as("%s of %s", field, method).isTrue();
      }
    }
  }

  static List<Path> everyFixture() throws IOException {
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      List<Path> packages =
          folders
              .filter(folder -> Files.exists(folder.resolve("tokenizer.json")))
              .sorted()
              .toList();
      assertThat(packages).hasSizeGreaterThan(10);
      return packages;
    }
  }

  @ParameterizedTest
  @MethodSource("everyFixture")
  void inspect_worksOnEveryFamily(Path folder) throws IOException {
    JsonNode json = new ObjectMapper().readTree(run("inspect", folder.toString(), "--json").out);

    assertThat(json.at("/cost/visual_tokens_per_tile").asInt()).isPositive();
    assertThat(json.at("/cost/kv_bytes_per_token").asInt()).isPositive();
    JsonNode config = new ObjectMapper().readTree(Files.readString(folder.resolve("config.json")));
    JsonNode layers = config.at("/text_config/num_hidden_layers");
    assertThat(json.get("layers").asInt()).isEqualTo(layers.asInt(json.get("layers").asInt()));
    for (String size : List.of("heads", "kv_heads", "head_size", "hidden_size")) {
      assertThat(json.get(size).asInt()).as(size).isPositive();
    }
    assertThat(json.get("sessions").size()).isGreaterThanOrEqualTo(3);
    for (JsonNode session : json.get("sessions")) {
      assertThat(session.get("bytes").asLong()).isPositive();
      assertThat(session.get("inputs")).isNotEmpty();
      assertThat(session.get("outputs")).isNotEmpty();
    }
    String name = String.valueOf(folder.getFileName());
    if (name.equals("phi3-v")) {
      // Its encoder takes the global view and a crop together, each of 4 x 4 tokens.
      assertThat(json.at("/cost/visual_tokens_per_tile").asInt()).isEqualTo(16);
    }
    // The products of its decoder are in two branches of the graph.
    assertThat(json.at("/cost/prefill_flops_per_token").asDouble() > 0)
        .isEqualTo(!name.equals("florence2"));
    // No config.json says the sizes of convolutional encoders, of Janus's and of Phi-3.5's.
    assertThat(json.at("/cost/encoder_flops_per_tile").asDouble() > 0)
        .isEqualTo(!List.of("fastvlm", "florence2", "gemma3n", "janus", "phi3-v").contains(name));
  }

  @Test
  void inspect_showsGraphsSizesAndCosts() throws IOException {
    assertThat(run("inspect", TILED).out)
        .contains("tiled: idefics3, Idefics3Processor")
        .contains("decoder: 4 layers, 4 heads, 2 key-value heads of size 12, hidden size 48")
        .contains(
            "points of plans: frames, tiles, patches, encoderK, encoder, layer1 to layer3, decoder, cache")
        .contains("cls_attentions")
        .contains("cache: 768 bytes per token");

    JsonNode json = new ObjectMapper().readTree(run("inspect", LLAVA, "--json").out);
    assertThat(json.get("layers").asInt()).isEqualTo(4);
    assertThat(json.get("kv_heads").asInt()).isEqualTo(4);
    assertThat(json.get("sessions")).hasSize(3);
    assertThat(json.get("sessions").get(2).get("inputs").get(0).get("shape").toString())
        .isEqualTo("[\"batch_size\",\"sequence_length\",64]");
    JsonNode cost = json.get("cost");
    assertThat(cost.get("kv_bytes_per_token").asLong()).isEqualTo(2048);
    // Per token and layer: four 64 x 64 projections and three 64 x 160 matrices of the MLP.
    assertThat(cost.get("prefill_flops_per_token").asLong())
        .isEqualTo(4 * 2 * (4 * 64 * 64 + 3 * 64 * 160));
    assertThat(cost.get("visual_tokens_per_tile").asInt()).isEqualTo(64);
    JsonNode share = cost.get("share_of_flops");
    assertThat(
            share.get("encoder").asDouble()
                + share.get("prefill").asDouble()
                + share.get("decode").asDouble())
        .isBetween(0.998, 1.002);
  }

  @Test
  void wrongInputs_printOneLineAndWriteNoFile() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.png"));
    Path text = Files.writeString(folder.resolve("text.png"), "no picture at all");
    byte[] whole = Files.readAllBytes(Path.of(SMALL));
    Path truncated = Files.write(folder.resolve("cut.png"), java.util.Arrays.copyOf(whole, 5000));
    Path huge = Files.write(folder.resolve("huge.png"), hugeHeader());
    Path broken = copy(LLAVA, folder.resolve("broken"));
    Files.writeString(broken.resolve("config.json"), "{\"model_type\": ");
    Path noGraph = copy(LLAVA, folder.resolve("no-graph"));
    Files.delete(noGraph.resolve("onnx/decoder_model_merged.onnx"));
    Path badGraph = copy(LLAVA, folder.resolve("bad-graph"));
    Files.writeString(badGraph.resolve("onnx/vision_encoder.onnx"), "not a graph");
    Path otherToken = copy(LLAVA, folder.resolve("other-token"));
    replace(
        otherToken.resolve("config.json"),
        "\"image_token_index\": 420",
        "\"image_token_index\": 5");
    Path otherFamily = copy(LLAVA, folder.resolve("other-family"));
    replace(otherFamily.resolve("preprocessor_config.json"), "LlavaProcessor", "NoSuchProcessor");
    replace(
        otherFamily.resolve("config.json"), "\"model_type\": \"llava\"", "\"model_type\": \"odd\"");
    List<String> before = files();

    fails(1, "missing.png", "ask", folder.resolve("missing.png").toString(), QUESTION);
    fails(1, "is a directory, not a picture", "ask", folder.toString(), QUESTION, "--model", LLAVA);
    fails(1, "empty.png", "ask", empty.toString(), QUESTION, "--model", LLAVA);
    fails(1, "text.png", "ask", text.toString(), QUESTION, "--model", LLAVA);
    fails(1, "cut.png", "ask", truncated.toString(), QUESTION, "--model", LLAVA);
    fails(1, "40000", "ask", huge.toString(), QUESTION, "--model", LLAVA);
    fails(
        1,
        "no method is called 'nothing'; available are [none, random",
        ask("--plan", "encoder:nothing(keep=0.5)"));
    fails(1, "no point is called 'nowhere'", ask("--plan", "nowhere:random(keep=0.5)"));
    fails(1, "keep must be in (0, 1] but was 1.5", ask("--plan", "encoder:random(keep=1.5)"));
    fails(
        1,
        "the encoder has 3 layers, so there is no point 'encoder4'",
        ask("--plan", "encoder4:tome(keep=0.5)"));
    fails(
        1,
        "the decoder has 4 layers, so a plan can act at layer1 to layer3, not at 'layer9'",
        ask("--plan", "layer9:random(keep=0.5)"));
    fails(1, "cuts must be auto, none, every or numbers", ask("--cuts", "8,2,x"));
    fails(
        1,
        "does not provide; methods that work: [none",
        ask("--plan", "encoder:cls-attention(keep=0.5, layer=3)"));
    fails(1, "does not exist; create it", ask("--map", folder.resolve("none/map.png").toString()));
    fails(1, "--map writes a PNG", ask("--map", folder.resolve("map.gif").toString()));
    fails(1, "no variant is called 'q5'; there are fp32", ask("--variant", "q5"));
    fails(1, "has no form 'q4' of vision_encoder; it has fp32", ask("--variant", "q4"));
    fails(
        1,
        "wrote '<image>' 2 times for 1 pictures",
        "ask",
        SMALL,
        "What is <image>?",
        "--model",
        LLAVA,
        "--special-tokens-in-text");
    fails(1, "there is no family 'qwen9'", ask("--family", "qwen9"));
    fails(2, "top-k must be 0 (all) or more but was -1", ask("--top-k", "-1"));
    fails(2, "repetition_penalty must be above 0 but was 0.0", ask("--repetition-penalty", "0"));
    fails(
        1,
        "no model package at",
        "ask",
        SMALL,
        QUESTION,
        "--model",
        folder.resolve("none").toString());
    fails(1, "a package on a hub is written OWNER/NAME", "pull", "nothing");
    fails(1, "a hub's address is like https", "pull", "a/b", "--hub", "ftp://x");
    fails(1, "there are [arch:smolvlm-256m, arch:", "inspect", "--model", "arch:gpt");
    fails(1, "config.json is not valid JSON", "inspect", broken.toString());
    fails(1, "onnx/decoder_model_merged.onnx is missing", "inspect", noGraph.toString());
    fails(1, "vision_encoder.onnx", "ask", SMALL, QUESTION, "--model", badGraph.toString());
    fails(1, "has the image token id 5, but '<image>' is 420", "inspect", otherToken.toString());
    fails(
        1,
        "has the model_type 'odd' and the processor_class is 'NoSuchProcessor'; Squint knows",
        "inspect",
        otherFamily.toString());

    assertThat(files()).isEqualTo(before);
  }

  @Test
  void wrongUsage_is2() {
    fails(2, "Unknown option: '--fast'", ask("--fast"));
    fails(2, "FILE... QUESTION", "ask", SMALL);
    fails(2, "--max-tokens", ask("--max-tokens", "many"));
    fails(2, "--max-tokens must be at least 1 but was 0", ask("--max-tokens", "0"));
    fails(2, "--temperature must be 0 or more but was -1", ask("--temperature", "-1"));
    fails(2, "the question is empty", "ask", SMALL, " ");
    fails(2, "no command is called 'answer'; there are [ask, serve, ", "answer", SMALL, QUESTION);
    fails(2, "Unknown option: '--fast'", "--fast");
    assertThat(run().code).isEqualTo(2);
    assertThat(run().err).contains("Usage: squint");
  }

  @Test
  void help_isNoError() {
    Ran ran = run("ask", "--help");

    assertThat(ran.code).isZero();
    assertThat(ran.out).contains("Usage: squint ask").contains("--plan=PLAN");
    assertThat(run("--version").out).startsWith("squint ");
  }

  private static String[] ask(String... more) {
    return Stream.concat(Stream.of("ask", SMALL, QUESTION, "--model", LLAVA), Stream.of(more))
        .toArray(String[]::new);
  }

  private static void fails(int code, String what, String... args) {
    Ran ran = run(args);
    assertThat(ran.code).as("%s%s", ran.out, ran.err).isEqualTo(code);
    assertThat(ran.out).isEmpty();
    assertThat(ran.err).startsWith("squint: ").contains(what).doesNotContain("\tat ");
    assertThat(ran.err.lines()).hasSize(code == 1 ? 1 : 2);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  private static Path copy(String from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(from))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(Path.of(from).relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    return to;
  }

  private static void replace(Path file, String what, String by) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(what);
    Files.writeString(file, text.replace(what, by));
  }

  /** Writes a PNG whose header declares 40000 x 40000 pixels, without data. */
  private static byte[] hugeHeader() throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(header);
    data.write("IHDR".getBytes(StandardCharsets.US_ASCII));
    data.writeInt(40_000);
    data.writeInt(40_000);
    data.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.toByteArray());
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(png);
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    out.writeInt(13);
    out.write(header.toByteArray());
    out.writeInt((int) crc.getValue());
    return png.toByteArray();
  }
}
