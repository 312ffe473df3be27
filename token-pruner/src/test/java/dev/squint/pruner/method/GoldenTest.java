package dev.squint.pruner.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.method.cache.GearTest;
import dev.squint.pruner.method.cache.H2oTest;
import dev.squint.pruner.method.cache.LookMTest;
import dev.squint.pruner.method.cache.SnapKvTest;
import dev.squint.pruner.method.cache.StreamingLlmTest;
import dev.squint.pruner.method.cache.ThinKTest;
import dev.squint.pruner.method.cache.ZipVlTest;
import dev.squint.pruner.method.decoder.AdaptInferTest;
import dev.squint.pruner.method.decoder.AimTest;
import dev.squint.pruner.method.decoder.AtpTest;
import dev.squint.pruner.method.decoder.DartTest;
import dev.squint.pruner.method.decoder.DepthScheduleTest;
import dev.squint.pruner.method.decoder.DyVteTest;
import dev.squint.pruner.method.decoder.FastVTest;
import dev.squint.pruner.method.decoder.GemFilterTest;
import dev.squint.pruner.method.decoder.IvcPruneTest;
import dev.squint.pruner.method.decoder.LrsTest;
import dev.squint.pruner.method.decoder.MustDropTest;
import dev.squint.pruner.method.decoder.PactTest;
import dev.squint.pruner.method.decoder.PyramidDropTest;
import dev.squint.pruner.method.decoder.SparseVlmTest;
import dev.squint.pruner.method.depth.GammaModTest;
import dev.squint.pruner.method.depth.PModTest;
import dev.squint.pruner.method.depth.SkipDecodeTest;
import dev.squint.pruner.method.depth.YopoTest;
import dev.squint.pruner.method.encoder.AimMergeTest;
import dev.squint.pruner.method.encoder.CdPrunerTest;
import dev.squint.pruner.method.encoder.DeepStackTest;
import dev.squint.pruner.method.encoder.DivPruneTest;
import dev.squint.pruner.method.encoder.DyCokeTest;
import dev.squint.pruner.method.encoder.FastVidTest;
import dev.squint.pruner.method.encoder.FlowCutTest;
import dev.squint.pruner.method.encoder.GlobalCom2Test;
import dev.squint.pruner.method.encoder.HiPruneTest;
import dev.squint.pruner.method.encoder.HiRedTest;
import dev.squint.pruner.method.encoder.HoliTomTest;
import dev.squint.pruner.method.encoder.HoloVTest;
import dev.squint.pruner.method.encoder.IpcvTest;
import dev.squint.pruner.method.encoder.MustDropVisionTest;
import dev.squint.pruner.method.encoder.PruMergeTest;
import dev.squint.pruner.method.encoder.PruneVidTest;
import dev.squint.pruner.method.encoder.QuotaTest;
import dev.squint.pruner.method.encoder.ScopeTest;
import dev.squint.pruner.method.encoder.ToMeTest;
import dev.squint.pruner.method.encoder.TokenCorrTest;
import dev.squint.pruner.method.encoder.VScanTest;
import dev.squint.pruner.method.encoder.VidCom2Test;
import dev.squint.pruner.method.encoder.VisPrunerTest;
import dev.squint.pruner.method.encoder.VisionTrimTest;
import dev.squint.pruner.method.encoder.VisionZipTest;
import dev.squint.pruner.method.patches.PixelMethodsTest;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
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
          Map.entry("h2o", H2oTest::agreesWith),
          Map.entry("snapkv", SnapKvTest::agreesWith),
          Map.entry("streamingllm", StreamingLlmTest::agreesWith),
          Map.entry("lookm", LookMTest::agreesWith),
          Map.entry("zipvl", ZipVlTest::agreesWith),
          Map.entry("think", ThinKTest::agreesWith),
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
          Map.entry("lrs_c2f", LrsTest::agreesWith),
          Map.entry("quota", QuotaTest::agreesWith),
          Map.entry("tokencorr", TokenCorrTest::agreesWith),
          Map.entry("sparsevlm_rater", SparseVlmTest::agreesWith),
          Map.entry("mustdrop_vision", MustDropVisionTest::agreesWith),
          Map.entry("tome", ToMeTest::agreesWith),
          Map.entry("aim_merge", AimMergeTest::agreesWith),
          Map.entry("prumerge", PruMergeTest::agreesWith),
          Map.entry("cdpruner", CdPrunerTest::agreesWith),
          Map.entry("vispruner", VisPrunerTest::agreesWith),
          Map.entry("divprune", DivPruneTest::agreesWith),
          Map.entry("visionzip", VisionZipTest::agreesWith),
          Map.entry("globalcom2", GlobalCom2Test::agreesWith),
          Map.entry("pixelprune", PixelMethodsTest::agreesWith),
          Map.entry("scope", ScopeTest::agreesWith),
          Map.entry("holov", HoloVTest::agreesWith),
          Map.entry("hiprune", HiPruneTest::agreesWith),
          Map.entry("vidcom2", VidCom2Test::agreesWith),
          Map.entry("dycoke", DyCokeTest::agreesWith),
          Map.entry("fastvid", FastVidTest::agreesWith),
          Map.entry("prunevid", PruneVidTest::agreesWith),
          Map.entry("holitom", HoliTomTest::agreesWith),
          Map.entry("vscan", VScanTest::agreesWith),
          Map.entry("flowcut", FlowCutTest::agreesWith),
          Map.entry("ipcv", IpcvTest::agreesWith),
          Map.entry("pact", PactTest::agreesWith),
          Map.entry("dart", DartTest::agreesWith),
          Map.entry("visiontrim", VisionTrimTest::agreesWith),
          Map.entry("ivc_prune", IvcPruneTest::agreesWith),
          Map.entry("hired", HiRedTest::agreesWith));

  /**
   * Lists that stand beside the cases, by the file's method, and are nothing that this project
   * computes: LRS-VQA's levels of a picture.
   */
  private static final Map<String, Set<String>> OUTSIDE = Map.of("lrs_c2f", Set.of("pyramid"));

  /** What the decoder's tests hold, as it takes a decoder to run. */
  private static final String OF_THE_DECODER = "mini_decoder_integration.json";

  /** Of each file the cases and how many agree, for the page. */
  private static final Map<String, Row> ROWS = new TreeMap<>();

  /** The first digits of a commit's hash. */
  private static final Pattern COMMIT = Pattern.compile("@([0-9a-f]{8})[0-9a-f]*");

  private static final Path PAGE = Path.of("../docs/golden.md");

  /** The result of one file. */
  private static final class Row {
    private final String method;
    private final String source;
    private int cases;
    private int agree;
    private int outside;

    Row(JsonNode file) {
      this.method = file.path("method").asText();
      this.source = source(file.path("source").asText());
    }

    /** Where the numbers come from, in a few words: whose code ran, of which commit. */
    private static String source(String text) {
      boolean ran = text.contains("official code") && !text.startsWith("reimplementation");
      boolean read = text.contains("reimplementation");
      assertThat(ran || read).as("the source says whose code gave the numbers: %s", text).isTrue();
      List<String> commits = COMMIT.matcher(text).results().map(one -> one.group(1)).toList();
      assertThat(commits.isEmpty()).as("official code has a commit: %s", text).isEqualTo(!ran);
      String code = "authors' code, " + String.join(" and ", commits);
      return !ran ? "our reading" : read ? code + "; our reading for a part" : code;
    }
  }

  /**
   * Writes {@code target/golden.md}, and compares the page with it that the repository has.
   *
   * @throws IOException if it cannot be written
   */
  @AfterAll
  static void thePageTellsTheResults() throws IOException {
    String page = page();
    Files.writeString(Path.of("target/golden.md"), page);
    if (System.getProperty("golden.dir") == null) {
      assertThat(Files.readString(PAGE))
          .as("docs/golden.md is not what came out; copy token-pruner/target/golden.md over it")
          .isEqualTo(page);
    }
  }

  private static String page() {
    StringBuilder page =
        new StringBuilder(
            """
            # Golden tests

            Each method is compared with numbers in `token-pruner/src/test/resources/golden`, computed from the same inputs: indices
            are equal, values within 1e-4. `mvn -B -pl token-pruner test -Dtest=GoldenTest` writes this page to `target/golden.md`
            and fails where it differs from the one here. Another folder: `-Dgolden.dir=DIR`.

            "Authors' code": the numbers are outputs of the authors' published code, of the commit that begins with these digits.
            "Our reading": no code is public, and the numbers come from a second implementation of the paper's text, so they show
            that two readings agree and no more. The field `source` of each file names repository and functions.

            "Outside": cases of which this project computes nothing, such as the loss of a training; they are not compared.

            | file | method | numbers from | cases | agree | outside |
            | ---- | ------ | ------------ | ----: | ----: | ------: |
            """);
    int cases = 0;
    int agree = 0;
    int outside = 0;
    for (Map.Entry<String, Row> entry : ROWS.entrySet()) {
      Row row = entry.getValue();
      page.append(
          "| %s | %s | %s | %d | %d | %d |\n"
              .formatted(
                  entry.getKey(), row.method, row.source, row.cases, row.agree, row.outside));
      cases += row.cases;
      agree += row.agree;
      outside += row.outside;
    }
    return page.append("| all | | | %d | %d | %d |\n".formatted(cases, agree, outside)).toString();
  }

  /** A test of one case that counts in the page. */
  private static DynamicTest counted(String name, Row row, Supplier<GoldenCase> check) {
    row.cases++;
    return dynamicTest(
        name,
        () -> {
          if (check.get().isOutside()) {
            row.outside++;
          } else {
            row.agree++;
          }
        });
  }

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
      JsonNode content = new ObjectMapper().readTree(file.toFile());
      Row row = new Row(content);
      ROWS.put(name, row);
      containers.add(dynamicContainer(name, tests(content, row)));
    }
    return containers.stream();
  }

  private static List<DynamicTest> tests(JsonNode file, Row row) {
    String method = file.path("method").asText();
    Consumer<GoldenCase> check = CHECKS.get(method);
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(
        dynamicTest(
            "is understood",
            () -> {
              Set<String> fields = new TreeSet<>();
              file.fieldNames().forEachRemaining(fields::add);
              fields.removeAll(OUTSIDE.getOrDefault(method, Set.of()));
              assertThat(FILE_FIELDS).containsAll(fields);
              assertThat(CHECKS).containsKey(method);
              assertThat(file.path("cases")).isNotEmpty();
            }));
    if (check != null) {
      for (JsonNode node : file.path("cases")) {
        tests.add(
            counted(
                node.path("name").asText("case " + tests.size()),
                row,
                () -> {
                  GoldenCase golden = new GoldenCase(node);
                  check.accept(golden);
                  golden.checkEverythingWasRead();
                  return golden;
                }));
      }
    }
    for (String list : OUTSIDE.getOrDefault(method, Set.of())) {
      row.cases += file.path(list).size();
      row.outside += file.path(list).size();
    }
    return tests;
  }

  private static Path folder() throws URISyntaxException {
    String other = System.getProperty("golden.dir");
    URL resources = Objects.requireNonNull(GoldenTest.class.getResource("/golden"));
    return other == null ? Path.of(resources.toURI()) : Path.of(other);
  }
}
