package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What answers say of the operations of pruning, worked out by hand. LLaVA: 64 patches and a CLS
 * token, 4 heads of 12, in the encoder; 4 layers of 4 heads of 16 in the decoder.
 */
class PruneOperationsTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static VisionLanguageModel llava;
  private static Picture small;

  @BeforeAll
  static void load() {
    llava = VisionLanguageModel.load(PACKAGES.resolve("llava"));
    small = new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"));
  }

  @AfterAll
  static void close() {
    llava.close();
  }

  private static Answer ask(VisionLanguageModel model, String plan) {
    return ask(model, plan, "What is in the picture?");
  }

  private static Answer ask(VisionLanguageModel model, String plan, String question) {
    return model.ask(List.of(small), question, AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan));
  }

  @Test
  void withoutAPlanThereAreNone() {
    assertThat(ask(llava, "none").pruneOperations()).isZero();
  }

  @Test
  void attentionOfTheClsToken_isComputedAgainBesideTheGraph() {
    Answer answer = ask(llava, "encoder:cls-attention(keep=0.5)");

    // For each head 65 products of 12 and a softmax, then the mean over heads for each patch.
    assertThat(answer.pruneOperations()).isEqualTo(4 * (2 * 65 * 12 + 4 * 65) + 5 * 64);
    assertThat(ask(llava, "encoder:cls-attention(keep=0.5)").pruneOperations())
        .as("from the encoder's cache")
        .isEqualTo(answer.pruneOperations());
  }

  @Test
  void withoutAClsToken_theAttentionOfAllPatchesIs() {
    try (VisionLanguageModel siglip =
        VisionLanguageModel.load(PACKAGES.resolve("llava-onevision"))) {
      Answer answer = ask(siglip, "encoder:cls-attention(keep=0.5)");

      // 16 patches, 4 heads of 8: products and softmax of all pairs, the mean over the queries.
      assertThat(answer.pruneOperations())
          .isEqualTo(4 * (2 * 16 * 16 * 8 + 4 * 16 * 16) + 4 * 17 * 16 + 5 * 16);
    }
  }

  @Test
  void attentionOfTheLastToken_isComputedAgainBesideTheGraph() {
    Answer answer = ask(llava, "layer2:fastv(keep=0.5)");
    double tokens = answer.promptTokens();

    assertThat(answer.pruneOperations()).isEqualTo(4 * (2 * 16 + 4) * tokens + 5 * 64);
  }

  @Test
  void theNextLayersKeysAreProjectedTwice() {
    Answer answer = ask(llava, "layer2:pyramiddrop(keep=0.5)");
    double tokens = answer.promptTokens();

    assertThat(answer.pruneOperations())
        .isEqualTo(4 * (2 * 16 + 4) * tokens + 2 * tokens * 64 * 64 + 2 * 64 * 64 + 5 * 64);
  }

  @Test
  void anglesOfRope_areCountedBesideTheLikenessOfValues() {
    Answer answer = ask(llava, "layer2:ivc-prune(keep=0.5)");
    Answer longer = ask(llava, "layer2:ivc-prune(keep=0.5)", "What is there in the picture now?");

    // Each of 64 tokens: angle, cosine, sine and two sums for 8 pairs, and two means.
    double angles = 64 * (5 * 8 + 2);
    // A word or seed: in each head products of 16, a softmax and weighted sums.
    double query = 4 * (2 * 16 + 6) * 64;
    double words = (answer.pruneOperations() - angles) / query - 1;
    assertThat(words).isBetween(1.0, answer.promptTokens() - 64.0).isEqualTo(Math.rint(words));
    assertThat(longer.promptTokens()).isGreaterThan(answer.promptTokens());
    assertThat(longer.pruneOperations() - answer.pruneOperations())
        .isEqualTo((longer.promptTokens() - answer.promptTokens()) * query);
  }

  @Test
  void mergingInsideTheEncoder_isCounted() {
    Answer answer = ask(llava, "encoder1:tome(keep=0.5)");

    // Unit rows of 48 values and 32 x 32 cosines; then means of at most 64 terms.
    double cosines = 64 * (3 * 48 + 2) + 2 * 32 * 32 * 48;
    assertThat(answer.pruneOperations()).isGreaterThan(cosines);
    assertThat(answer.pruneOperations()).isLessThanOrEqualTo(cosines + 2 * 64 * 48);
  }

  @Test
  void whatTheCacheTakesAfterPrefill_isCountedInEachLayer() {
    Answer answer = ask(llava, "cache:snapkv(keep=0.5, window=4)");
    double tokens = answer.promptTokens();

    // Attention of 4 queries in 4 heads of 16, its sums, and means of 5 neighbours.
    double layer = 4 * (2 * 4 * 16 + 4 * 4) * tokens + (4 * 4 + 6 * 4) * (tokens - 4);
    assertThat(answer.pruneOperations()).isEqualTo(4 * layer);
  }
}
