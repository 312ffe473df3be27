package dev.squint.pruner.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.cache.AttentionMassTest;
import dev.squint.pruner.cache.GearTest;
import dev.squint.pruner.cache.HeavyHittersTest;
import dev.squint.pruner.cache.KeyChannelsTest;
import dev.squint.pruner.cache.LookMTest;
import dev.squint.pruner.cache.QuestionWindowTest;
import dev.squint.pruner.cache.SinksAndRecentTest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case of every file of a folder against the method that the file names: {@code golden} among
 * the test resources, or {@code -Dgolden.dir=DIR}. An unknown method or field fails.
 */
class GoldenTest {
  private static final Set<String> FILE_FIELDS =
      Set.of("method", "description", "source", "runtime", "cases");

  /** What to check, by the file's method. */
  private static final Map<String, Consumer<GoldenCase>> CHECKS =
      Map.ofEntries(
          Map.entry("h2o", HeavyHittersTest::agreesWith),
          Map.entry("snapkv", QuestionWindowTest::agreesWith),
          Map.entry("streamingllm", SinksAndRecentTest::agreesWith),
          Map.entry("lookm", LookMTest::agreesWith),
          Map.entry("zipvl", AttentionMassTest::agreesWith),
          Map.entry("think", KeyChannelsTest::agreesWith),
          Map.entry("gear", GearTest::agreesWith),
          Map.entry("fastv", FastVTest::agreesWith),
          Map.entry("pyramiddrop", PyramidDropTest::agreesWith),
          Map.entry("sparsevlm", SparseVlmTest::agreesWithRecycling),
          Map.entry("adaptinfer", AdaptInferTest::agreesWith),
          Map.entry("aim", AimTest::agreesWith),
          Map.entry("mustdrop", MustDropTest::agreesWith),
          Map.entry("atp_llava", AtpTest::agreesWith),
          Map.entry("dyvte", DyVteTest::agreesWith),
          Map.entry("gsearch", DepthScheduleTest::agreesWith),
          Map.entry("gemfilter", GemFilterTest::agreesWith),
          Map.entry("skipdecode", SkipDecodeTest::agreesWith),
          Map.entry("yopo", YopoTest::agreesWith),
          Map.entry("pmod", PModTest::agreesWith),
          Map.entry("gammamod", GammaModTest::agreesWith),
          Map.entry("deepstack_order", DeepStackTest::agreesWith),
          Map.entry("lrs_c2f", CoarseToFineTest::agreesWith),
          Map.entry("quota", QuotaTest::agreesWith),
          Map.entry("tokencorr", TokenCorrelationTest::agreesWith),
          Map.entry("sparsevlm_rater", SparseVlmTest::agreesWith),
          Map.entry("mustdrop_vision", MergedWindowsTest::agreesWith),
          Map.entry("tome", ToMeTest::agreesWith),
          Map.entry("aim_merge", AimMergeTest::agreesWith),
          Map.entry("prumerge", PruMergeTest::agreesWith),
          Map.entry("cdpruner", CdPrunerTest::agreesWith),
          Map.entry("vispruner", VisPrunerTest::agreesWith),
          Map.entry("divprune", DivPruneTest::agreesWith),
          Map.entry("visionzip", VisionZipTest::agreesWith),
          Map.entry("globalcom2", GlobalCom2Test::agreesWith),
          Map.entry("hired", HiRedTest::agreesWith));

  /**
   * What to check of lists that stand beside the cases, by the file's method and the list's name.
   */
  private static final Map<String, Map<String, Consumer<JsonNode>>> FURTHER_CHECKS =
      Map.of("lrs_c2f", Map.of("pyramid", CoarseToFineTest::pyramidAgreesWith));

  /** What the decoder's tests hold, as it takes a decoder to run. */
  private static final String OF_THE_DECODER = "mini_decoder_integration.json";

  @TestFactory
  Stream<DynamicContainer> agreesWithTheGoldenFiles() throws IOException, URISyntaxException {
    List<Path> files;
    try (Stream<Path> folder = Files.list(folder())) {
      files =
          folder
              .filter(file -> file.toString().endsWith(".json"))
              .filter(file -> !file.endsWith(OF_THE_DECODER))
              .sorted()
              .toList();
    }
    assertThat(files).isNotEmpty();
    List<DynamicContainer> containers = new ArrayList<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      containers.add(dynamicContainer(name, tests(new ObjectMapper().readTree(file.toFile()))));
    }
    return containers.stream();
  }

  private static List<DynamicTest> tests(JsonNode file) {
    String method = file.path("method").asText();
    Consumer<GoldenCase> check = CHECKS.get(method);
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(
        dynamicTest(
            "is understood",
            () -> {
              Set<String> fields = new TreeSet<>();
              file.fieldNames().forEachRemaining(fields::add);
              fields.removeAll(FURTHER_CHECKS.getOrDefault(method, Map.of()).keySet());
              assertThat(FILE_FIELDS).containsAll(fields);
              assertThat(CHECKS).containsKey(method);
              assertThat(file.path("cases")).isNotEmpty();
            }));
    if (check != null) {
      for (JsonNode node : file.path("cases")) {
        tests.add(
            dynamicTest(
                node.path("name").asText("case " + tests.size()),
                () -> {
                  GoldenCase golden = new GoldenCase(node);
                  check.accept(golden);
                  golden.checkEverythingWasRead();
                }));
      }
    }
    FURTHER_CHECKS
        .getOrDefault(method, Map.of())
        .forEach(
            (list, further) ->
                file.path(list)
                    .forEach(
                        node ->
                            tests.add(
                                dynamicTest(
                                    list + " " + node.path("image_hw"),
                                    () -> further.accept(node)))));
    return tests;
  }

  private static Path folder() throws URISyntaxException {
    String other = System.getProperty("golden.dir");
    URL resources = Objects.requireNonNull(GoldenTest.class.getResource("/golden"));
    return other == null ? Path.of(resources.toURI()) : Path.of(other);
  }
}
