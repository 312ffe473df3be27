package dev.squint.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Runs every sample. */
class SamplesTest {

  @Test
  void helloImage_seesTheHeart() throws Throwable {
    assertThat(output(() -> HelloImage.main(new String[0])))
        .containsExactly("red", "144 visual tokens");
  }

  @Test
  void pruneAtTheEncoder_printsOneLinePerPlan() throws Throwable {
    List<String> lines = output(() -> PruneAtTheEncoder.main(new String[0]));
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).contains("144 of 144 visual tokens: red");
    assertThat(lines.get(1)).contains(" 36 of 144 visual tokens: red");
    assertThat(lines.subList(2, 4)).allMatch(line -> line.contains(" 36 of 144 visual tokens: "));
  }

  @Test
  void writeYourOwnPruner_seesTheHeart() throws Throwable {
    assertThat(output(() -> WriteYourOwnPruner.main(new String[0])))
        .containsExactly("yes, from 43 of 144 visual tokens");
  }

  @Test
  void pruneBetweenLayers_printsTheTokensPerLayer() throws Throwable {
    List<String> lines = output(() -> PruneBetweenLayers.main(new String[0]));
    assertThat(lines)
        .contains(
            "layer2:fastv(keep=0.25): red",
            "  layers 0 to 1: 144 visual tokens",
            "  layers 2 to 7: 36 visual tokens",
            "  layers 0 to 2: 72 visual tokens",
            "  layers 3 to 7: 18 visual tokens");
  }

  @Test
  void pruneTheCache_usesFewerBytesWithEveryPlan() throws Throwable {
    List<String> lines = output(() -> PruneTheCache.main(new String[0]));
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).endsWith("bytes: red (none)");
    List<Integer> bytes =
        lines.stream()
            .map(line -> Integer.valueOf(line.substring(0, line.indexOf(" bytes")).strip()))
            .toList();
    assertThat(bytes).isSortedAccordingTo(Comparator.reverseOrder()).doesNotHaveDuplicates();
  }

  @Test
  void pruneVideo_seesWhichWayTheCircleMoves() throws Throwable {
    List<String> lines = output(() -> PruneVideo.main(new String[0]));
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).contains("frames at [0.0, 1.25, 2.5, 3.875] s, 576 of 576");
    assertThat(lines.get(0)).endsWith("right");
    assertThat(lines.get(1)).contains("144 of 576 visual tokens");
    assertThat(lines.get(3)).contains("frames at [0.0, 3.875] s, 288 of 576");
  }

  @Test
  void shareOneModel_answersFromSeveralThreads() throws Throwable {
    assertThat(output(() -> ShareOneModel.main(new String[0])))
        .containsExactly("red (36 of 144 visual tokens)", "yes (36 of 144 visual tokens)");
  }

  @Test
  void javaInTheLibraryDocument_isInASample() throws IOException {
    String samples;
    try (Stream<Path> files = Files.walk(Path.of("samples/src/main/java"))) {
      samples =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(SamplesTest::read)
              .collect(Collectors.joining("\n"));
    }
    List<String> blocks =
        Pattern.compile("(?s)```java\n(.*?)```")
            .matcher(Files.readString(Path.of("docs/library.md")))
            .results()
            .map(block -> oneSpace(block.group(1)))
            .toList();
    assertThat(blocks)
        .hasSizeGreaterThan(1)
        .allSatisfy(b -> assertThat(oneSpace(samples)).contains(b));
  }

  private static String oneSpace(String code) {
    return code.strip().replaceAll("\\s+", " ");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everySample_isShort() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("samples/src/main/java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThan(60);
      }
    }
  }

  private static List<String> output(Executable sample) throws Throwable {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      sample.execute();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
