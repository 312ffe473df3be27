package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.generation.Sampling;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a package's {@code generation_config.json} does to whole answers. */
class GenerationSettingsTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/smolvlm2");
  private static final String CONFIG = "generation_config.json";
  private static final String PICTURE = "test/small_90x70.png";
  private static final String QUESTION = "What is in the picture?";
  private static final int TOKENS = 16;

  @TempDir Path folder;

  @BeforeEach
  void copy() throws IOException {
    PackageCopy.of(PACKAGE, folder);
  }

  private VisionLanguageModel with(String config) throws IOException {
    Files.writeString(folder.resolve(CONFIG), config);
    return VisionLanguageModel.load(folder);
  }

  private Answer ask(VisionLanguageModel model, AskOptions options) {
    return model.ask(
        List.of(new PictureReader().read(folder.resolve(PICTURE))),
        QUESTION,
        options.withMaxTokens(TOKENS));
  }

  /** The tokens of the greedy answer, by where each comes first. */
  private Map<Integer, Integer> greedy() throws IOException {
    RecordedTokens recorded = new RecordedTokens();
    try (VisionLanguageModel model = with("{\"eos_token_id\":401}")) {
      assertThat(ask(model, recorded.options()).finishReason()).isEqualTo(FinishReason.LENGTH);
    }
    Map<Integer, Integer> first = new LinkedHashMap<>();
    for (int i = 0; i < TOKENS; i++) {
      first.putIfAbsent(recorded.tokens().get(i), i);
    }
    assertThat(first).hasSizeGreaterThan(TOKENS / 2);
    return first;
  }

  @Test
  void theAnswerStopsAtEachOfSeveralEndTokens() throws IOException {
    Map<Integer, Integer> first = greedy();
    for (Map.Entry<Integer, Integer> end : first.entrySet()) {
      try (VisionLanguageModel model =
          with("{\"eos_token_id\":[401,%d]}".formatted(end.getKey()))) {
        Answer answer = ask(model, AskOptions.DEFAULT);
        assertThat(answer.completionTokens()).as("before %s", end).isEqualTo(end.getValue());
        assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
      }
    }
  }

  @Test
  void ofSeveralEndTokensTheFirstThatComesCounts_whateverTheirOrder() throws IOException {
    List<Map.Entry<Integer, Integer>> ends = List.copyOf(greedy().entrySet()).subList(2, 6);
    for (int i = 0; i < ends.size(); i++) {
      int late = ends.get(ends.size() - 1).getKey();
      String ids = "%d,401,%d".formatted(late, ends.get(i).getKey());
      try (VisionLanguageModel model = with("{\"eos_token_id\":[%s]}".formatted(ids))) {
        assertThat(ask(model, AskOptions.DEFAULT).completionTokens())
            .as(ids)
            .isEqualTo(ends.get(i).getValue());
      }
    }
  }

  @Test
  void leastTokens_keepAllEndTokensAway() throws IOException {
    Map<Integer, Integer> first = greedy();
    int early = first.keySet().iterator().next();
    try (VisionLanguageModel model =
        with("{\"eos_token_id\":[401,%d],\"min_new_tokens\":5}".formatted(early))) {
      assertThat(ask(model, AskOptions.DEFAULT).completionTokens()).isGreaterThanOrEqualTo(5);
    }
  }

  @Test
  void aPackageThatAsksForSampling_isAnsweredGreedily_andEveryAnswerSaysSo() throws IOException {
    String config = "{\"eos_token_id\":401%s}";
    String text;
    try (VisionLanguageModel model = with(config.formatted(""))) {
      text = ask(model, AskOptions.DEFAULT).text();
    }
    try (VisionLanguageModel model =
        with(config.formatted(",\"do_sample\":true,\"temperature\":0.7,\"top_k\":20"))) {
      Answer answer = ask(model, AskOptions.DEFAULT);
      assertThat(answer.text()).isEqualTo(text);
      assertThat(answer.notes())
          .containsExactly(
              "generation_config.json asks for sampling (temperature 0.7, top_k 20), but the request has no temperature: the most probable tokens were taken");
      assertThat(ask(model, AskOptions.DEFAULT.withSampling(all -> all, 3)).notes()).isEmpty();
      assertThat(ask(model, new RecordedTokens().options()).notes()).isEmpty();
    }
  }

  @Test
  void whatARequestLeavesOut_isDrawnAsThePackageSays() throws IOException {
    AtomicReference<Sampling> given = new AtomicReference<>();
    AskOptions options =
        AskOptions.DEFAULT.withSampling(
            ofPackage -> {
              given.set(ofPackage);
              return ofPackage.withTemperature(1.5);
            },
            3);
    String greedy;
    try (VisionLanguageModel model = with("{\"eos_token_id\":401,\"top_k\":1}")) {
      greedy = ask(model, AskOptions.DEFAULT).text();
      assertThat(ask(model, options).text()).as("no do_sample, so all tokens").isNotEqualTo(greedy);
      assertThat(given).hasValue(Sampling.ALL);
    }
    try (VisionLanguageModel model =
        with("{\"eos_token_id\":401,\"do_sample\":true,\"top_k\":1,\"min_p\":0.1}")) {
      assertThat(ask(model, options).text()).as("the package's top_k").isEqualTo(greedy);
      assertThat(given).hasValue(Sampling.ALL.withTopK(1).withMinP(0.1));
    }
  }
}
