package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Decoders with the same weights, spelled out with and without an input of positions and in fused
 * operators, do the same under 100 random plans for each family that has both.
 */
class TwinPlansTest {

  // Fused operators sum in another order. Measured on some plans: 1.8e-6 of the scale.
  private static final Tolerance LOGITS = Tolerance.relative(2e-4);

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String PICTURE = "test/small_90x70.png";
  private static final String QUESTION = "What is in the picture?";
  private static final int PLANS = 100;
  private static final int TOKENS = 3;

  private static final List<String> BETWEEN =
      List.of("random", "uniform-grid", "fastv", "pyramiddrop", "gemfilter", "sparsevlm");
  private static final List<String> CACHE =
      List.of(
          "cache:h2o(keep=0.6)",
          "cache:snapkv(keep=0.5, window=4)",
          "cache:lookm(keep=0.5)",
          "cache:streamingllm(keep=0.4)",
          "cache:streamingllm(keep=0.5, inCache=true)");

  /** What they leave of a key depends on its position, not on distances alone. */
  private static final List<String> CHANNELS =
      List.of("cache:think(keep=0.5, recent=2)", "cache:quantised(bits=4, every=3)");

  @TempDir static Path folder;

  @Test
  void smolVlm2() throws IOException {
    agree(
        List.of(
            PACKAGES.resolve("smolvlm2"),
            counting("smolvlm2", CountingForms.RANGE),
            PACKAGES.resolve("smolvlm2-fused")),
        CHANNELS);
  }

  @Test
  void gemma3() throws IOException {
    agree(
        List.of(
            PACKAGES.resolve("gemma3"),
            counting("gemma3", CountingForms.MASK),
            PACKAGES.resolve("gemma3-fused")),
        // Gemma 3 is given positions from 1 on, and counts them from 0.
        List.of());
  }

  @Test
  void qwen2Vl() {
    agree(List.of(PACKAGES.resolve("qwen2-vl"), PACKAGES.resolve("qwen2-vl-fused")), CHANNELS);
  }

  private static Path counting(String name, CountingForms form) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name + "-" + form));
    form.copy(PACKAGES.resolve(name), copy);
    return copy;
  }

  private static void agree(List<Path> twins, List<String> moreOfCache) {
    List<VisionLanguageModel> models = twins.stream().map(VisionLanguageModel::load).toList();
    try {
      Random random = new Random(17);
      Picture picture = new PictureReader().read(twins.get(0).resolve(PICTURE));
      int answered = 0;
      while (answered < PLANS) {
        String plan = plan(random, Stream.concat(CACHE.stream(), moreOfCache.stream()).toList());
        List<Boolean> followed = models.stream().map(model -> follows(model, plan)).toList();
        assertThat(followed).as(plan).containsOnly(followed.get(0));
        if (followed.get(0)) {
          answered++;
          agree(models, picture, plan);
        }
      }
    } finally {
      models.forEach(VisionLanguageModel::close);
    }
  }

  private static boolean follows(VisionLanguageModel model, String plan) {
    try {
      model.check(PruningPlan.parse(plan));
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  private static void agree(List<VisionLanguageModel> models, Picture picture, String plan) {
    RecordedTokens expected = new RecordedTokens();
    Answer first = ask(models.get(0), expected, picture, plan);
    for (VisionLanguageModel model : models.subList(1, models.size())) {
      RecordedTokens recorded = new RecordedTokens();
      Answer answer = ask(model, recorded, picture, plan);
      assertThat(answer.layerReductions().stream().map(each -> each.reduction().kept()).toList())
          .as(plan)
          .usingRecursiveComparison()
          .isEqualTo(
              first.layerReductions().stream().map(each -> each.reduction().kept()).toList());
      for (int step = 0; step < TOKENS; step++) {
        assertClose(
            recorded.logits().get(step),
            expected.logits().get(step),
            LOGITS,
            "step %d of %s with %s",
            step,
            plan,
            model.model().name());
      }
      assertThat(recorded.tokens()).as(plan).isEqualTo(expected.tokens());
    }
  }

  private static Answer ask(
      VisionLanguageModel model, RecordedTokens recorded, Picture picture, String plan) {
    return model.ask(
        List.of(picture),
        QUESTION,
        recorded.options().withPlan(plan).withMaxTokens(TOKENS).withPromptReuse(false));
  }

  /** Steps at any of the points behind the encoder. */
  private static String plan(Random random, List<String> cache) {
    List<String> steps = new ArrayList<>();
    if (random.nextInt(4) == 0) {
      steps.add("encoder:in-place");
    }
    if (random.nextInt(3) == 0) {
      steps.add(step("encoder", "random", random));
    }
    boolean between = false;
    for (int layer = 1; layer <= 3; layer++) {
      if (random.nextInt(2) == 0) {
        between = true;
        String method = BETWEEN.get(random.nextInt(BETWEEN.size()));
        steps.add(
            layer == 3 && random.nextInt(4) == 0
                ? "layer3:uniform-grid(tokens=0)"
                : step("layer" + layer, method, random));
      }
    }
    if (random.nextInt(4) == 0) {
      steps.add(
          "decoder:skipdecode(most=%s, answer=%d)"
              .formatted(between ? "1.0" : "0.75", 1 + random.nextInt(3)));
    } else if (random.nextInt(2) == 0) {
      steps.add(cache.get(random.nextInt(cache.size())));
    }
    return steps.isEmpty() ? "none" : String.join(" + ", steps);
  }

  private static String step(String point, String method, Random random) {
    return String.format(
        Locale.ROOT, "%s:%s(keep=%.2f)", point, method, 0.2 + 0.75 * random.nextDouble());
  }
}
