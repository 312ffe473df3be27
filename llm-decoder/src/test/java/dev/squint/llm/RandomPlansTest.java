package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plans drawn at random over all points give the logits of a decoder that drops nothing and masks
 * instead, in prefill and while decoding, on the tokens of an encoder that was given all crops.
 */
class RandomPlansTest {
  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path LLAVA = PACKAGES.resolve("llava");

  /** A package that cuts pictures into crops. */
  private static final Path TILED = PACKAGES.resolve("tiled");

  private static final int PLANS = 200;
  private static final List<String> METHODS =
      List.of(
          "fastv",
          "pyramiddrop",
          "sparsevlm",
          "adaptinfer",
          "aim",
          "ivc-prune",
          "random",
          "uniform-grid",
          "gemfilter");
  private static final List<String> ADAPTIVE =
      List.of(
          "mustdrop(keep=0.1..0.7, protect=0.0)",
          "atp-style(keep=0.1..0.8)",
          "atp-style(keep=0.1..0.8, self=attention)",
          "sparsevlm");

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
    Picture picture = new PictureReader().read(folder.resolve("test").resolve(file));
    VisionLanguageModel model = LoadedModels.of(folder);
    try (MaskedDecoder reference = new MaskedDecoder(model.model(), cache)) {
      MaskComparison.check(model, reference, picture, plan);
    }
  }

  private static void checkAll(Path folder, String file, int plans, int seed) {
    Random random = new Random(seed);
    Picture picture = new PictureReader().read(folder.resolve("test").resolve(file));
    VisionLanguageModel model = LoadedModels.of(folder);
    try (MaskedDecoder reference = new MaskedDecoder(model.model(), cache)) {
      boolean crops = model.tiler().tile(List.of(picture)).get(0).tiles().size() > 1;
      assertThat(crops).isEqualTo(folder.equals(TILED));
      Set<String> different = new HashSet<>();
      for (int i = 0; i < plans; i++) {
        String plan = plan(random, crops, i);
        different.add(plan);
        MaskComparison.check(model, reference, picture, plan);
      }
      assertThat(different).hasSizeGreaterThan(plans * 9 / 10);
    }
  }

  @Test
  void plansThatMergeOrChangeTheCache_answer() {
    Random random = new Random(6);
    Picture picture = new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));
    VisionLanguageModel model = LoadedModels.of(LLAVA);
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
              MaskComparison.QUESTION,
              AskOptions.DEFAULT.withPlan(plan).withMaxTokens(MaskComparison.TOKENS));

      assertThat(answer.completionTokens()).as(plan).isEqualTo(MaskComparison.TOKENS);
      assertThat(answer.kvBytes())
          .as(plan)
          .isPositive()
          .isLessThan(answer.promptTokens() * model.decoder().cacheBytesPerToken());
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
}
