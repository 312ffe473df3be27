package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.MaskedDecoder.Seen;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.ExitStep;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.TiledImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plans drawn at random over all points give the logits of a decoder that drops nothing and masks
 * instead, in prefill and while decoding, on the tokens of an encoder that was given all crops.
 */
class RandomPlansTest {
  // Dropping and masking sum the same in other blocks, through a cache that is renumbered and
  // layers that are run again. Measured over all plans: 2.0e-5 of the scale with AVX2, 1.5e-5 with
  // AVX-512.
  private static final Tolerance LOGITS = Tolerance.relative(2e-4);

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path LLAVA = PACKAGES.resolve("llava");

  /** A package that cuts pictures into crops. */
  private static final Path TILED = PACKAGES.resolve("tiled");

  private static final String QUESTION = "What is in the picture?";
  private static final int PLANS = 200;
  private static final int TOKENS = 5;
  private static final List<String> METHODS =
      List.of(
          "fastv",
          "pyramiddrop",
          "sparsevlm",
          "adaptinfer",
          "aim",
          "random",
          "uniform-grid",
          "gemfilter");
  private static final List<String> ADAPTIVE =
      List.of("mustdrop(keep=0.1..0.7, protect=0.0)", "atp-style(keep=0.1..0.8)", "sparsevlm");

  private static final List<String> CROPS =
      List.of(
          "tiles:thumbnail(crops=1)",
          "tiles:thumbnail(keep=0.5)",
          "tiles:text(crops=2)",
          "tiles:random(crops=0)",
          "tiles:random(crops=3, seed=%d)",
          "tiles:skip-plain + tiles:random(keep=0.7, seed=%d)");

  private static final List<String> MERGING =
      List.of(
          "average-pool(keep=0.3)",
          "sparsevlm(keep=0.4, recycle=true)",
          "gemfilter(keep=0.6)",
          "fastv(tokens=0)");
  private static final List<String> CACHE =
      List.of(
          "cache:h2o(keep=0.6)",
          "cache:snapkv(keep=0.5, window=4)",
          "cache:lookm(keep=0.5)",
          "cache:lookm(keep=0.5, merging=weighted, textPrior=false)",
          "cache:zipvl(mass=0.9)",
          "cache:zipvl(others=in-fewer-bits)",
          "cache:mustdrop-cache(from=1)",
          "cache:think(keep=0.5, recent=2)",
          "cache:gear(group=8, every=2)",
          "cache:quantised(bits=4, every=3)",
          "cache:snapkv(keep=0.5, window=4) + cache:streamingllm(keep=0.4) ",
          "cache:h2o(keep=0.7) + cache:snapkv(keep=0.5, window=4)");

  @TempDir static Path cache;

  @Test
  void plans_giveTheLogitsOfMasks() {
    checkAll(LLAVA, "small_90x70.png", PLANS * 3 / 5, 5);
  }

  @Test
  void plansForPicturesInCrops_giveTheLogitsOfMasks() {
    checkAll(TILED, "wide_300x150.png", PLANS * 2 / 5, 7);
  }

  @Test
  void cacheIndexPositionsWithoutTheNewestRow_giveTheLogitsOfMasks() {
    checkOne(
        LLAVA,
        "small_90x70.png",
        "layer2:adaptinfer(keep=0.65) + layer3:uniform-grid(tokens=0) + cache:streamingllm(keep=0.26, inCache=true)");
    checkOne(
        TILED,
        "wide_300x150.png",
        "tiles:random(crops=0) + encoder1:tome(keep=0.50) + encoder:random(keep=0.22) + cache:streamingllm(keep=0.27, inCache=true)");
  }

  private static void checkOne(Path folder, String file, String plan) {
    System.setProperty("squint.cache", cache.toString());
    Picture picture = new PictureReader().read(folder.resolve("test").resolve(file));
    try (VisionLanguageModel model = VisionLanguageModel.load(folder);
        MaskedDecoder reference = new MaskedDecoder(model.model(), cache)) {
      check(model, reference, picture, plan);
    } finally {
      System.clearProperty("squint.cache");
    }
  }

  private static void checkAll(Path folder, String file, int plans, int seed) {
    System.setProperty("squint.cache", cache.toString());
    Random random = new Random(seed);
    Picture picture = new PictureReader().read(folder.resolve("test").resolve(file));
    try (VisionLanguageModel model = VisionLanguageModel.load(folder);
        MaskedDecoder reference = new MaskedDecoder(model.model(), cache)) {
      boolean crops = model.tiler().tile(List.of(picture)).get(0).tiles().size() > 1;
      assertThat(crops).isEqualTo(folder.equals(TILED));
      Set<String> different = new HashSet<>();
      for (int i = 0; i < plans; i++) {
        String plan = plan(random, crops, i);
        different.add(plan);
        check(model, reference, picture, plan);
      }
      assertThat(different).hasSizeGreaterThan(plans * 9 / 10);
    } finally {
      System.clearProperty("squint.cache");
    }
  }

  @Test
  void plansThatMergeOrChangeTheCache_answer() {
    System.setProperty("squint.cache", cache.toString());
    Random random = new Random(6);
    Picture picture = new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));
    try (VisionLanguageModel model = VisionLanguageModel.load(LLAVA)) {
      for (int i = 0; i < PLANS / 2; i++) {
        String plan =
            "layer%d:%s + %s"
                .formatted(
                    1 + random.nextInt(3),
                    MERGING.get(random.nextInt(MERGING.size())),
                    CACHE.get(random.nextInt(CACHE.size())));
        Answer answer =
            model.ask(
                List.of(picture),
                QUESTION,
                AskOptions.DEFAULT.withPlan(plan).withMaxTokens(TOKENS));

        assertThat(answer.completionTokens()).as(plan).isEqualTo(TOKENS);
        assertThat(answer.kvBytes())
            .as(plan)
            .isPositive()
            .isLessThan(answer.promptTokens() * model.decoder().cacheBytesPerToken());
      }
    } finally {
      System.clearProperty("squint.cache");
    }
  }

  /** Any points of a plan together, before the encoder, inside it, behind it and in the decoder. */
  private static String plan(Random random, boolean crops, int number) {
    List<String> steps = new ArrayList<>();
    if (crops && random.nextInt(2) == 0) {
      steps.add(CROPS.get(random.nextInt(CROPS.size())).formatted(random.nextInt(100)));
    }
    boolean patches = number % 4 == 1;
    if (patches) {
      String method = number % 8 == 1 ? "random" : "uniform-grid";
      steps.add(step("patches", method, new Random(number)));
    }
    boolean inside = random.nextInt(4) == 0;
    if (inside) {
      // Windows of crops merge as often as those of any crop, so only tome leaves crops apart.
      steps.add(
          crops || random.nextBoolean()
              ? step("encoder" + (1 + random.nextInt(2)), "tome", random)
              : "encoder1:mustdrop-vision(window=2, threshold=0.3)");
    }
    if (random.nextInt(3) == 0) {
      boolean dropping = inside || random.nextBoolean() || patches;
      String method = dropping ? "random" : "average-pool";
      steps.add(step("encoder", method, random));
    }
    boolean between = false;
    for (int layer = 1; layer <= 3; layer++) {
      if (random.nextInt(2) == 0) {
        between = true;
        if (layer == 3 && random.nextInt(4) == 0) {
          // YOPO's layer drop.
          steps.add("layer3:uniform-grid(tokens=0)");
          continue;
        }
        steps.add(
            random.nextInt(4) == 0
                ? "layer%d:%s".formatted(layer, ADAPTIVE.get(random.nextInt(ADAPTIVE.size())))
                : step("layer" + layer, METHODS.get(random.nextInt(METHODS.size())), random));
      }
    }
    int cached = random.nextInt(6);
    if (cached != 3 && random.nextInt(4) == 0) {
      steps.add(
          "decoder:skipdecode(most=%s, answer=%d)"
              .formatted(between ? "1.0" : "0.75", 1 + random.nextInt(4)));
    }
    if (cached < 2) {
      steps.add(step("cache", "streamingllm", random));
    } else if (cached == 3) {
      steps.add(step("cache", "streamingllm", random).replace(")", ", inCache=true)"));
    }
    return steps.isEmpty() ? "none" : String.join(" + ", steps);
  }

  private static String step(String point, String method, Random random) {
    return String.format(
        Locale.ROOT, "%s:%s(keep=%.2f)", point, method, 0.2 + 0.75 * random.nextDouble());
  }

  private static void check(
      VisionLanguageModel model, MaskedDecoder reference, Picture picture, String text) {
    PruningPlan plan = PruningPlan.parse(text);
    RecordedTokens recorded = new RecordedTokens();
    AskOptions options = recorded.options().withPlan(plan).withMaxTokens(TOKENS);
    Answer answer = model.ask(List.of(picture), QUESTION, options);

    List<Message> conversation = List.of(Message.user(List.of(picture), QUESTION));
    PatchTokens encoded = encoded(model, picture, plan, answer);
    Prompt prompt = model.writer().write(conversation, encoded);
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, encoded, model.decoder().embeddings());
    List<Seen> seen = seen(plan, answer, prompt, reference.layers());

    assertSame(
        text,
        0,
        recorded.logits().get(0),
        reference.prefill(embeddings, seen, passedBy(plan, reference.layers(), -1)));
    List<boolean[]> held = new ArrayList<>();
    seen.forEach(layer -> held.add(layer.tokens().clone()));
    int[] counts = held.stream().mapToInt(RandomPlansTest::count).toArray();
    boolean inPlaces = text.contains("inCache=true");
    evict(plan, held, counts);
    for (int step = 0; step + 1 < recorded.tokens().size(); step++) {
      long[] positions = new long[held.size()];
      for (int layer = 0; layer < positions.length; layer++) {
        positions[layer] = seen.get(layer).next() + step;
      }
      Set<Integer> passedBy = passedBy(plan, reference.layers(), step);
      assertSame(
          text,
          step + 1,
          recorded.logits().get(step + 1),
          inPlaces
              ? reference.appendInPlaces(recorded.tokens().get(step), held)
              : reference.append(recorded.tokens().get(step), held, positions, passedBy));
      for (int layer = 0; layer < held.size(); layer++) {
        boolean[] before = held.get(layer);
        boolean[] more = Arrays.copyOf(before, before.length + 1);
        more[before.length] = true;
        held.set(layer, more);
      }
      evict(plan, held, counts);
    }
  }

  /** The tokens that the decoder is given, all crops having been encoded at once. */
  private static PatchTokens encoded(
      VisionLanguageModel model, Picture picture, PruningPlan plan, Answer answer) {
    List<TiledImage> tiled = model.tiler().tile(List.of(picture));
    if (plan.points().stream().noneMatch(RandomPlansTest::changesEncoding)) {
      return model.encoder().encode(tiled, Set.of()).reduced(answer.reduction());
    }
    // Merging, and encoding fewer patches, cannot be masked: the result is used, and tokens dropped
    // after it are found by index.
    RequestEvidence request =
        new RequestEvidence(
            () ->
                model
                    .writer()
                    .question(
                        List.of(Message.user(List.of(picture), QUESTION)),
                        model.decoder().embeddings(),
                        model.decoder().hiddenSize()),
            model.trained(),
            (views, kind) -> views,
            tiled);
    PatchTokens all =
        new TileEncoding(new EncoderCache(model.encoder(), 0), plan, request, Set.of())
            .encode(tiled)
            .tokens();
    int[] first = new int[all.tiles().size() + 1];
    for (int t = 0; t < all.tiles().size(); t++) {
      first[t + 1] = first[t] + all.tiles().get(t).tokens();
    }
    int[] kept =
        IntStream.range(0, all.size())
            .filter(
                i -> {
                  TokenPosition at = all.positions().get(i);
                  int number =
                      first[at.tile()] + at.row() * all.tiles().get(at.tile()).cols() + at.col();
                  return Arrays.binarySearch(answer.reduction().kept(), number) >= 0;
                })
            .toArray();
    return all.reduced(TokenReduction.keep(all.size(), kept));
  }

  private static boolean changesEncoding(Point point) {
    return point.equals(Point.PATCHES) || point.kind() == Point.Kind.INSIDE_ENCODER;
  }

  private static Set<Integer> passedBy(PruningPlan plan, int layers, int generated) {
    ExitStep exits = plan.exits();
    Set<Integer> passedBy = new HashSet<>();
    if (exits != null) {
      IntStream.range(0, layers).forEach(passedBy::add);
      IntStream.of(exits.schedule().active(layers, generated)).forEach(passedBy::remove);
    }
    return passedBy;
  }

  private static void assertSame(String plan, int step, float[] logits, float[] expected) {
    assertClose(logits, expected, LOGITS, "logits of step %d under %s", step, plan);
  }

  /** What StreamingLLM leaves: the first four rows and the newest ones. */
  private static void evict(PruningPlan plan, List<boolean[]> held, int[] counts) {
    if (plan.cache().isEmpty()) {
      return;
    }
    for (int layer = 0; layer < held.size(); layer++) {
      boolean[] rows = held.get(layer);
      int stay = plan.cache().get(0).budget().tokens(counts[layer]);
      int left = count(rows);
      int first = Math.min(4, stay);
      int number = 0;
      for (int row = 0; row < rows.length && left > stay; row++) {
        if (rows[row]) {
          rows[row] = number < first || number >= left - (stay - first);
          number++;
        }
      }
    }
  }

  private static int count(boolean[] rows) {
    return (int) IntStream.range(0, rows.length).filter(row -> rows[row]).count();
  }

  /** Which tokens each layer sees, from where the answer says that tokens left. */
  private static List<Seen> seen(PruningPlan plan, Answer answer, Prompt prompt, int layers) {
    int total = prompt.ids().length;
    boolean[] alive = new boolean[total];
    Arrays.fill(alive, true);
    long[] positions = IntStream.range(0, total).asLongStream().toArray();
    long next = total;
    List<Seen> seen = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      Point point = layer == 0 ? Point.ENCODER : Point.decoder(layer);
      for (LayerReduction reduction : answer.layerReductions()) {
        if (reduction.point().equals(point)) {
          boolean[] stay = stay(reduction, answer, prompt);
          boolean changed = !Arrays.equals(stay, alive);
          alive = stay;
          Continuation how = ofThePaper(plan.at(point).get(0).method().name());
          if (changed && how != Continuation.KEEP_POSITIONS) {
            positions = counted(alive);
            next = count(alive);
          }
          if (changed && how == Continuation.RESTART) {
            seen.clear();
            for (int earlier = 0; earlier < layer; earlier++) {
              seen.add(new Seen(alive.clone(), positions.clone(), next));
            }
          }
        }
      }
      seen.add(new Seen(alive.clone(), positions.clone(), next));
    }
    return seen;
  }

  /** How the authors continue, whatever the method says of itself. */
  private static Continuation ofThePaper(String method) {
    return switch (method) {
      case "pyramiddrop", "sparsevlm", "adaptinfer", "mustdrop" -> Continuation.RENUMBER;
      case "gemfilter" -> Continuation.RESTART;
      default -> Continuation.KEEP_POSITIONS;
    };
  }

  private static boolean[] stay(LayerReduction reduction, Answer answer, Prompt prompt) {
    boolean[] stay = new boolean[prompt.ids().length];
    Arrays.fill(stay, true);
    int[] given = answer.reduction().kept();
    for (int i = 0; i < given.length; i++) {
      stay[prompt.visual()[i]] = Arrays.binarySearch(reduction.reduction().kept(), given[i]) >= 0;
    }
    return stay;
  }

  private static long[] counted(boolean[] alive) {
    long[] positions = new long[alive.length];
    long number = 0;
    for (int i = 0; i < alive.length; i++) {
      positions[i] = number;
      number += alive[i] ? 1 : 0;
    }
    return positions;
  }
}
