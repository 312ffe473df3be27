package dev.squint.vision.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.squint.testing.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphCacheTest {

  private static final Path GRAPH = Path.of("src/test/resources/graphs/fused-decoder.onnx");
  private static final CutPlan PLAN = CutPlan.after(0, 1, 2).tapping(Tap.queries(1));

  @TempDir Path folder;

  @Test
  void userFolder_isTheChosenOne_thenTheSystems_thenUnderHome() {
    assertThat(GraphCache.userFolder("/a", "/b", "/home/u")).isEqualTo(Path.of("/a"));
    assertThat(GraphCache.userFolder(null, "/b", "/home/u")).isEqualTo(Path.of("/b/squint"));
    assertThat(GraphCache.userFolder(null, "b", "/home/u"))
        .isEqualTo(Path.of("/home/u/.cache/squint"));
    assertThat(GraphCache.userFolder(" ", null, "/home/u"))
        .isEqualTo(Path.of("/home/u/.cache/squint"));
  }

  @Test
  void testsOfTheBuild_writeIntoTheBuildsFolder() {
    assumeThat(System.getProperty("surefire.test.class.path")).as("run by Maven").isNotNull();

    assertThat(GraphCache.userFolder(null, System.getenv("XDG_CACHE_HOME"), "/home/u"))
        .isEqualTo(Path.of("target/cache/squint").toAbsolutePath());
  }

  @Test
  void secondCut_writesNothing_andPlansShareWeights() throws IOException {
    CutGraph first = cut(PLAN);
    Map<String, FileTime> before = files(first.folder());
    CutGraph second = cut(PLAN);

    assertThat(second).isEqualTo(first);
    assertThat(files(first.folder())).isEqualTo(before);

    CutGraph other = cut(CutPlan.after(2));
    assertThat(other.folder()).isEqualTo(first.folder());
    assertThat(files(first.folder()).get("weights.bin")).isEqualTo(before.get("weights.bin"));
    assertThat(files(first.folder()).keySet().stream().filter(name -> name.endsWith(".bin")))
        .hasSize(1);
    // The weights are in the shared file alone.
    assertThat(Files.size(first.file(0))).isLessThan(20_000);
  }

  @Test
  void otherContent_isCutAgain() throws IOException {
    Path copy = folder.resolve("copy.onnx");
    byte[] bytes = Files.readAllBytes(GRAPH);
    Files.write(copy, bytes);
    CutGraph same = rewriter().cut(copy, GraphKind.DECODER, PLAN);
    assertThat(same.folder()).isEqualTo(cut(PLAN).folder());

    bytes[bytes.length / 2] ^= 1;
    Files.write(copy, bytes);
    assertThat(rewriter().cut(copy, GraphKind.DECODER, PLAN).folder()).isNotEqualTo(same.folder());
  }

  @Test
  void damagedFiles_areMadeAgain() throws IOException {
    CutGraph cut = cut(PLAN);
    byte[] weights = Files.readAllBytes(cut.folder().resolve("weights.bin"));
    byte[] stage = Files.readAllBytes(cut.file(1));
    Files.write(cut.folder().resolve("weights.bin"), new byte[100]);
    Files.delete(cut.file(1));
    cut(PLAN);
    assertThat(cut.folder().resolve("weights.bin")).hasBinaryContent(weights);
    assertThat(cut.file(1)).hasBinaryContent(stage);

    Files.write(cut.file(1), Arrays.copyOf(stage, stage.length / 2));
    assertThat(cut(PLAN)).isEqualTo(cut);
    assertThat(cut.file(1)).as("a stage that was cut off").hasBinaryContent(stage);

    Path list = list(cut.folder());
    Files.writeString(list, "{\"stages\": [");
    assertThat(cut(PLAN)).isEqualTo(cut);
  }

  @Test
  void manyProcessesAtOnce_giveWholeFiles() throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(start("cut", folder.toString(), GRAPH.toString()));
    }
    for (Process process : processes) {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
    CutGraph here =
        new GraphRewriter(new GraphCache(folder.resolve("other")))
            .cut(GRAPH, GraphKind.DECODER, PLAN);
    CutGraph theirs = cut(PLAN);
    assertThat(files(theirs.folder()).keySet()).isEqualTo(files(here.folder()).keySet());
    for (String name : files(here.folder()).keySet()) {
      assertThat(theirs.folder().resolve(name))
          .hasBinaryContent(Files.readAllBytes(here.folder().resolve(name)));
    }
  }

  @Test
  void killInTheMiddle_leavesNothingThatIsTakenForWhole() throws IOException, InterruptedException {
    Process process = start("write", folder.toString());
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("half");
    }
    process.destroyForcibly().waitFor();

    assertThat(folder.resolve("file")).doesNotExist();
    assertThat(files(folder)).hasSize(1);
    Path left = folder.resolve(files(folder).keySet().iterator().next());

    GraphCache.put(folder, "file", channel -> channel.write(ByteBuffer.wrap(new byte[] {1, 2})));
    assertThat(folder.resolve("file")).hasBinaryContent(new byte[] {1, 2});
    assertThat(left).as("may be another process's").exists();

    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    GraphCache.put(folder, "file", channel -> channel.write(ByteBuffer.wrap(new byte[] {3})));
    assertThat(folder.resolve("file")).hasBinaryContent(new byte[] {3});
    assertThat(left).doesNotExist();
  }

  @Test
  void folderThatCannotBeWritten_isNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatThrownBy(
            () -> new GraphRewriter(new GraphCache(file)).cut(GRAPH, GraphKind.DECODER, PLAN))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot write " + file)
        .hasMessageContaining("-Dsquint.cache");
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = JavaProcess.command(List.of("-Xmx128m"), CacheProcess.class);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Another process that uses the cache. */
  static final class CacheProcess {

    private CacheProcess() {}

    /** Cuts the graph, or writes half a file and waits. */
    public static void main(String[] arguments) {
      Path folder = Path.of(arguments[1]);
      if (arguments[0].equals("cut")) {
        new GraphRewriter(new GraphCache(folder))
            .cut(Path.of(arguments[2]), GraphKind.DECODER, PLAN);
        return;
      }
      GraphCache.put(
          folder,
          "file",
          channel -> {
            channel.write(ByteBuffer.wrap(new byte[1000]));
            System.out.println("half");
            try {
              Thread.sleep(Duration.ofMinutes(1).toMillis());
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
    }
  }

  private GraphRewriter rewriter() {
    return new GraphRewriter(new GraphCache(folder));
  }

  private CutGraph cut(CutPlan plan) {
    return rewriter().cut(GRAPH, GraphKind.DECODER, plan);
  }

  private static Path list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).findAny().orElseThrow();
    }
  }

  private static Map<String, FileTime> files(Path folder) throws IOException {
    Map<String, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        times.put(String.valueOf(file.getFileName()), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }
}
